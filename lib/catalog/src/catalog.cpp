// SPDX-License-Identifier: Apache-2.0
#include "tillkit/catalog/catalog.hpp"

#include <utility>

#include "storage.hpp"
#include "tillkit/core/assert.hpp"

namespace tillkit::catalog {
namespace {

template <class Element>
std::size_t held_bytes(const std::vector<Element>& list) {
  return list.capacity() * sizeof(Element);
}

}  // namespace

Catalog::Catalog() : storage_(std::make_unique<CatalogStorage>()) {}
Catalog::Catalog(std::unique_ptr<const CatalogStorage> storage) : storage_(std::move(storage)) {}
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&& other) noexcept = default;
Catalog& Catalog::operator=(Catalog&& other) noexcept = default;

core::Currency Catalog::currency() const {
  return storage_->currency;
}

std::size_t Catalog::size() const {
  return storage_->items.size();
}

ItemView Catalog::item(ItemIndex index) const {
  TILLKIT_ASSERT(index.value() < size());
  return {storage_.get(), index};
}

std::optional<ItemView> Catalog::find_code(std::string_view code) const {
  const auto index = storage_->find_code(code);
  if (!index) return std::nullopt;
  return ItemView(storage_.get(), *index);
}

std::optional<ItemView> Catalog::find_id(std::string_view id) const {
  const auto index = storage_->find_id(id);
  if (!index) return std::nullopt;
  return ItemView(storage_.get(), *index);
}

std::optional<ItemView> Catalog::find_reference(ItemReference reference) const {
  const auto index = storage_->find_reference(reference.value());
  if (!index) return std::nullopt;
  return ItemView(storage_.get(), *index);
}

std::size_t Catalog::memory_bytes() const {
  return sizeof(*this) + sizeof(*storage_) + storage_->pool.capacity() + held_bytes(storage_->items) +
         held_bytes(storage_->codes) + held_bytes(storage_->labels) + held_bytes(storage_->label_lists) +
         held_bytes(storage_->timed_prices) + storage_->by_code.memory_bytes() + storage_->by_id.memory_bytes() +
         storage_->by_reference.memory_bytes();
}

}  // namespace tillkit::catalog
