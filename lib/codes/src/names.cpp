// SPDX-License-Identifier: Apache-2.0
#include "tillkit/codes/code.hpp"

namespace tillkit::codes {

std::string_view to_string(Wallet wallet) {
  switch (wallet) {
    case Wallet::WeChatPay: return "wechat_pay";
    case Wallet::Alipay: return "alipay";
    case Wallet::AlipayPlus: return "alipay_plus";
    case Wallet::UnionPay: return "union_pay";
  }
  return "unknown";
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::Unknown: return "unknown";
    case Kind::PaymentCode: return "payment_code";
    case Kind::EmvMpm: return "emv_mpm";
    case Kind::EmvCpm: return "emv_cpm";
    case Kind::Item: return "item";
    case Kind::WeighedItem: return "weighed_item";
    case Kind::Gs1Coupon: return "gs1_coupon";
    case Kind::MemberCode: return "member_code";
    case Kind::CouponToken: return "coupon_token";
    case Kind::UnifiedCode: return "unified_code";
    case Kind::Link: return "link";
  }
  return "unknown";
}

std::string_view to_string(ItemForm form) {
  switch (form) {
    case ItemForm::Ean13: return "ean_13";
    case ItemForm::Ean8: return "ean_8";
    case ItemForm::UpcA: return "upc_a";
    case ItemForm::UpcE: return "upc_e";
    case ItemForm::Gtin14: return "gtin_14";
    case ItemForm::Gs1: return "gs1";
  }
  return "unknown";
}

std::string_view to_string(Why why) {
  switch (why) {
    case Why::Unrecognised: return "unrecognised";
    case Why::Empty: return "empty";
    case Why::TooLong: return "too_long";
    case Why::ControlCharacter: return "control_character";
    case Why::NotUtf8: return "not_utf8";
    case Why::Length: return "length";
    case Why::CheckDigit: return "check_digit";
    case Why::PriceCheckDigit: return "price_check_digit";
    case Why::Emv: return "emv";
    case Why::Gs1: return "gs1";
    case Why::NotAnItem: return "not_an_item";
    case Why::NotYet: return "not_yet";
    case Why::Token: return "token";
    case Why::Form: return "form";
    case Why::Scheme: return "scheme";
    case Why::Value: return "value";
  }
  return "unknown";
}

std::string_view to_string(Gs1Mistake mistake) {
  switch (mistake) {
    case Gs1Mistake::Empty: return "empty";
    case Gs1Mistake::UnknownAi: return "unknown_ai";
    case Gs1Mistake::Length: return "length";
    case Gs1Mistake::Character: return "character";
    case Gs1Mistake::CheckDigit: return "check_digit";
    case Gs1Mistake::Repeated: return "repeated";
    case Gs1Mistake::TooMany: return "too_many";
    case Gs1Mistake::Date: return "date";
  }
  return "unknown";
}

std::string_view to_string(MpmMistake mistake) {
  switch (mistake) {
    case MpmMistake::TooLong: return "too_long";
    case MpmMistake::NotUtf8: return "not_utf8";
    case MpmMistake::Id: return "id";
    case MpmMistake::Length: return "length";
    case MpmMistake::PastEnd: return "past_end";
    case MpmMistake::First: return "first";
    case MpmMistake::Last: return "last";
    case MpmMistake::Repeated: return "repeated";
    case MpmMistake::Missing: return "missing";
    case MpmMistake::Form: return "form";
    case MpmMistake::Tip: return "tip";
    case MpmMistake::Crc: return "crc";
    case MpmMistake::Structure: return "structure";
  }
  return "unknown";
}

std::string_view to_string(CpmScheme scheme) {
  switch (scheme) {
    case CpmScheme::Other: return "other";
    case CpmScheme::UnionPay: return "union_pay";
    case CpmScheme::Visa: return "visa";
    case CpmScheme::Mastercard: return "mastercard";
    case CpmScheme::Amex: return "amex";
    case CpmScheme::Jcb: return "jcb";
    case CpmScheme::Discover: return "discover";
  }
  return "unknown";
}

std::string_view to_string(CpmMistake mistake) {
  switch (mistake) {
    case CpmMistake::Base64: return "base64";
    case CpmMistake::TooLong: return "too_long";
    case CpmMistake::First: return "first";
    case CpmMistake::Version: return "version";
    case CpmMistake::Tag: return "tag";
    case CpmMistake::Length: return "length";
    case CpmMistake::Repeated: return "repeated";
    case CpmMistake::NoApplication: return "no_application";
    case CpmMistake::NoId: return "no_id";
    case CpmMistake::IdLength: return "id_length";
    case CpmMistake::InBoth: return "in_both";
    case CpmMistake::TooMany: return "too_many";
  }
  return "unknown";
}

}  // namespace tillkit::codes
