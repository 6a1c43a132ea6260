// SPDX-License-Identifier: Apache-2.0
#include "scanned.hpp"

using namespace tillkit::codes;

namespace {

CodeTable with_host(std::string_view host, std::string_view parameter) {
  CodeTable table = default_code_table();
  REQUIRE(table.links.add({*LinkHost::parse(host), *LinkParameter::parse(parameter)}));
  return table;
}

}  // namespace

TEST_CASE("a web address is a link to its host", "[codes]") {
  const auto link = scanned<Link>("HTTPS://Shop.Example:8443/a/b?x=1#y");
  CHECK(link.host.view() == "shop.example");
  CHECK(link.secure);
  CHECK(link.claim.empty());
  CHECK(link.url == "HTTPS://Shop.Example:8443/a/b?x=1#y");
  CHECK_FALSE(scanned<Link>("http://shop.example").secure);
  CHECK(scanned<Link>("https://shop.example?c=1").host.view() == "shop.example");
}

TEST_CASE("a poster of ours holds a claim, where the table names its host", "[codes]") {
  const CodeTable table = with_host("go.shop.example", "c");

  CHECK(scanned<Link>("https://go.shop.example/j?a=2&c=AB-12&d=3#c=x", table).claim.view() == "AB-12");
  CHECK(scanned<Link>("https://go.shop.example/j?c=", table).claim.empty());
  CHECK(scanned<Link>("https://go.shop.example/j?cc=1", table).claim.empty());
  CHECK(scanned<Link>("https://go.shop.example/j?x=1#c=2", table).claim.empty());
  CHECK(scanned<Link>("https://go.shop.example/j?c=%20", table).claim.empty());
  CHECK(scanned<Link>("https://shop.example/j?c=AB-12", table).claim.empty());
}

TEST_CASE("an address that could lead astray is no link", "[codes]") {
  for (const std::string_view text :
       {"https://shop.example@evil.example/", "https://", "https:///x", "https://a b/", "https://shop.example/a b",
        "https://shop.example:/", "https://shop.example:123456/", "https://shop.example:8a/",
        "https://sh\xC3\xB6p.example/", "https://shop_1.example/"}) {
    CAPTURE(text);
    const auto refused = scanned<Unknown>(text);
    CHECK(refused.nearest == Kind::Link);
    CHECK(refused.why == Why::Form);
  }
  CHECK(scanned<Unknown>("wxp://f2f0abc").why == Why::Scheme);
}
