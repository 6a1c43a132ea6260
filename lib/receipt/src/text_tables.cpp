// SPDX-License-Identifier: Apache-2.0
#include "text_table.hpp"
#include "tillkit/receipt/texts.hpp"

namespace tillkit::receipt {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using detail::TextRow;
using payment::TenderRefusal;

// Each text says what is the matter, then what to do. Chinese keeps to GB 2312, English to ASCII: any printer has them.
// clang-format off
constexpr std::array kScreenTexts{
    TextRow<ScreenId>{ScreenId::Idle,
        "欢迎光临。请选择或扫描商品。",
        "待机。扫描商品开始销售。",
        "Welcome. Please choose or scan your goods.",
        "Ready. Scan an item to start a sale."},
    TextRow<ScreenId>{ScreenId::Basket,
        "请继续选购，或者付款。合计{amount}。",
        "销售中，合计{amount}。",
        "Choose more, or pay. Total {amount}.",
        "Sale open, total {amount}."},
    TextRow<ScreenId>{ScreenId::ChooseTender,
        "应付{amount}。请选择付款方式：{works}。",
        "应付{amount}。可用：{works}。",
        "To pay: {amount}. Choose how: {works}.",
        "To pay: {amount}. Works now: {works}."},
    TextRow<ScreenId>{ScreenId::ShowCode,
        "请用手机扫码支付{amount}，{minutes}分钟内有效。",
        "等待顾客扫码支付{amount}，{minutes}分钟内有效。",
        "Scan this code to pay {amount}, valid for {minutes} min.",
        "Shopper is to scan and pay {amount}, valid for {minutes} min."},
    TextRow<ScreenId>{ScreenId::WaitingForWallet,
        "正在等待支付结果，请稍候。金额{amount}。",
        "等待支付平台的结果，金额{amount}。请勿重复收款。",
        "Waiting for your wallet. Amount {amount}.",
        "Waiting for the wallet, amount {amount}. Do not charge again."},
    TextRow<ScreenId>{ScreenId::EnterPassword,
        "请在手机上输入支付密码。金额{amount}。",
        "顾客正在手机上输入密码，金额{amount}。请勿重复收款。",
        "Enter your password on your phone. Amount {amount}.",
        "Shopper is entering a password, amount {amount}. Do not charge again."},
    TextRow<ScreenId>{ScreenId::HandingOver,
        "正在出货，请稍候。",
        "正在出货，请勿打开柜门。",
        "Your goods are on their way. Please wait.",
        "Goods are moving. Keep the door closed."},
    TextRow<ScreenId>{ScreenId::ThankYou,
        "支付成功{amount}，谢谢惠顾。",
        "销售{sale}完成，实收{amount}。",
        "Paid {amount}. Thank you.",
        "Sale {sale} is complete, paid {amount}."},
    TextRow<ScreenId>{ScreenId::NotCompleted,
        "交易未完成。如已扣款{amount}，会自动退回，无需操作。订单号{order}。",
        "交易未完成，系统会自动核对订单{order}，金额{amount}。请勿手工退款。",
        "Not completed. If you were charged {amount}, it comes back by itself. Order {order}.",
        "Not completed. Order {order}, {amount}, is resolved by itself. Do not refund it by hand."},
    TextRow<ScreenId>{ScreenId::Declined,
        "支付未成功，没有扣款。应付{amount}，请改用：{works}。",
        "支付被拒绝，没有扣款。应付{amount}，可改用：{works}。",
        "The payment was declined, nothing was taken. To pay: {amount}. Please use: {works}.",
        "Declined, nothing was taken. To pay: {amount}. Works now: {works}."},
    TextRow<ScreenId>{ScreenId::Refused,
        "无法操作。请联系工作人员。",
        "操作被拒绝。请查看原因。",
        "This is not possible. Please contact us.",
        "Refused. See the reason."},
    TextRow<ScreenId>{ScreenId::AgeCheck,
        "购买此商品须满{age}岁。请等待工作人员核实年龄。",
        "请核实顾客已满{age}岁，再确认或取消。",
        "You must be {age} or older to buy this. Please wait for somebody to check.",
        "Check that the shopper is {age} or older, then confirm or cancel."},
    TextRow<ScreenId>{ScreenId::RefundDone,
        "已退款{amount}，按原付款方式退回。",
        "退款{amount}已完成。",
        "{amount} was refunded, the way it was paid.",
        "Refund of {amount} is done."},
    TextRow<ScreenId>{ScreenId::Stopped,
        "本机暂停服务。请使用其他设备，或联系工作人员。",
        "本机停止销售。请查看原因。",
        "This terminal is out of service. Please use another one, or contact us.",
        "This terminal sells nothing. See the reason."},
    TextRow<ScreenId>{ScreenId::Attention,
        "需要工作人员处理。请稍候，或联系工作人员。",
        "需要处理。请查看原因。",
        "Somebody has to look at this. Please wait, or contact us.",
        "A person is needed. See the reason."},
};
static_assert(detail::is_whole(kScreenTexts, 0, kScreens));

constexpr std::array kSaleTexts{
    TextRow<SaleRefusal>{SaleRefusal::UnknownItem,
        "没有找到这件商品。请选其他商品，或联系工作人员。",
        "商品未建档。请手工查找，或先放在一边。",
        "We do not know this item. Please choose another, or contact us.",
        "Not in the catalog. Search by name, or put it aside."},
    TextRow<SaleRefusal>{SaleRefusal::CodeNotUnderstood,
        "无法识别这个码。请扫描商品条码、会员码或付款码。",
        "无法识别这个码。请检查码的种类后重扫。",
        "We cannot read this code. Scan a barcode, a member code or a payment code.",
        "Code not understood. Check what it is and scan again."},
    TextRow<SaleRefusal>{SaleRefusal::NotForSale,
        "这件商品现在不能销售。请选其他商品，或联系工作人员。",
        "商品现在没有有效价格。请先定价，或取走商品。",
        "This item is not for sale now. Please choose another, or contact us.",
        "No price is valid now. Set one, or take the item out."},
    TextRow<SaleRefusal>{SaleRefusal::AgeNotConfirmed,
        "购买此商品须满{age}岁。请联系工作人员核实，或选其他商品。",
        "未确认顾客已满{age}岁。请核实，或删除商品。",
        "You must be {age} or older. Please have us confirm it, or choose something else.",
        "Age {age} is not confirmed. Check it, or remove the item."},
    TextRow<SaleRefusal>{SaleRefusal::QuantityOutOfRange,
        "数量不对，最多{count}件。请重新输入。",
        "数量超出范围，最多{count}。请重新输入。",
        "That quantity is not possible, the most is {count}. Please try again.",
        "Quantity out of range, the most is {count}. Enter another one."},
    TextRow<SaleRefusal>{SaleRefusal::WeightNeeded,
        "这件商品按重量销售。请先称重。",
        "缺少重量。请称重，或扫描秤打出的标签。",
        "This item is sold by weight. Please weigh it first.",
        "No weight. Weigh it, or scan the label of the scale."},
    TextRow<SaleRefusal>{SaleRefusal::NotByWeight,
        "这件商品按件销售。请扫描商品自己的条码。",
        "按件销售的商品，不能带重量。请改扫商品条码。",
        "This item is sold by the piece. Please scan its own barcode.",
        "Sold by the piece, but a weight was given. Scan the barcode of the item."},
    TextRow<SaleRefusal>{SaleRefusal::BasketFull,
        "一次能买的商品已满。请先付款，再买其余的。",
        "行数已满。请先结账，其余商品另开一单。",
        "The basket is full. Pay for this first, then go on.",
        "No more lines. Finish this sale and open another."},
    TextRow<SaleRefusal>{SaleRefusal::AmountTooHigh,
        "金额超过一次付款的上限。请分开付款。",
        "金额超过单笔上限。请拆成两单。",
        "This is more than one payment allows. Please split it.",
        "Above the limit of one sale. Split it in two."},
    TextRow<SaleRefusal>{SaleRefusal::NothingToRemove,
        "购物篮里没有这件商品。请检查后再试。",
        "没有可删除的商品。请选择已有的一行。",
        "This item is not in the basket. Please check and try again.",
        "Nothing to remove. Choose a line that is there."},
    TextRow<SaleRefusal>{SaleRefusal::BasketEmpty,
        "还没有商品。请先扫描商品。",
        "没有商品可结账。请先扫描商品。",
        "There is nothing to pay for. Please scan your goods first.",
        "The basket is empty. Scan an item first."},
    TextRow<SaleRefusal>{SaleRefusal::CouponUnknown,
        "这张券在这里不能用。请换一张，或直接付款。",
        "券不存在或无法验证。请联网后再试，或不用券结账。",
        "This coupon does not work here. Use another one, or pay without it.",
        "Coupon unknown or not verified. Try again online, or go on without it."},
    TextRow<SaleRefusal>{SaleRefusal::CouponTaken,
        "这张券已经用过。请换一张，或直接付款。",
        "券已使用，或已在本单中。请换券，或不用券结账。",
        "This coupon is used already. Use another one, or pay without it.",
        "Coupon used, or in this sale already. Take another, or go on without it."},
    TextRow<SaleRefusal>{SaleRefusal::NoSale,
        "现在没有进行中的购买。请先扫描商品。",
        "没有打开的销售。请先扫描商品。",
        "There is no purchase to do this with. Please scan your goods first.",
        "No sale is open. Scan an item first."},
    TextRow<SaleRefusal>{SaleRefusal::AlreadyPaying,
        "正在付款，不能修改。请完成或取消付款。",
        "正在付款，不能修改。请等待结果，或取消付款。",
        "You are paying, so nothing can be changed. Finish or cancel the payment.",
        "Payment under way. Wait for it, or cancel it first."},
    TextRow<SaleRefusal>{SaleRefusal::HandingOver,
        "已付款，正在出货。请稍候。",
        "已付款，正在出货。请等待出货结束。",
        "It is paid and your goods are coming. Please wait.",
        "Paid, goods are moving. Wait until that is over."},
    TextRow<SaleRefusal>{SaleRefusal::SaleOver,
        "这次购买已经结束。请重新开始。",
        "销售已结束。如要更改，请做退款。",
        "This purchase is over. Please start a new one.",
        "The sale is over. To change it, make a refund."},
    TextRow<SaleRefusal>{SaleRefusal::PriceChanged,
        "价格有变化，现在合计{amount}。请确认或取消。",
        "价格有变化，现在合计{amount}。请让顾客确认。",
        "The price has changed, the total is now {amount}. Please confirm or cancel.",
        "The total is now {amount}. Ask the shopper to confirm it."},
    TextRow<SaleRefusal>{SaleRefusal::CodeExpired,
        "付款码已过期。请刷新后再出示。",
        "付款码已过期。请顾客刷新后重扫。",
        "Your payment code has expired. Refresh it and show it again.",
        "Payment code too old. Ask for a new one and scan it."},
    TextRow<SaleRefusal>{SaleRefusal::CashInvalid,
        "现金金额不对。请重新放入。",
        "现金金额无效。请按在用的面额重新输入。",
        "That amount of cash is not possible. Please try again.",
        "Not a sum of coins and notes in use. Enter it again."},
    TextRow<SaleRefusal>{SaleRefusal::SoldOut,
        "这件商品已售完。请选其他商品。",
        "货道已空。请补货，或停用货道。",
        "This is sold out. Please choose something else.",
        "The slot is empty. Refill it, or close it."},
    TextRow<SaleRefusal>{SaleRefusal::HandoverUnavailable,
        "现在不能出货，没有扣款。请稍后再试，或联系工作人员。",
        "出货设备未就绪。请检查柜门和连接。",
        "Goods cannot come out now, nothing was taken. Please try again later, or contact us.",
        "The cabinet or gate is not ready. Check its door and cable."},
    TextRow<SaleRefusal>{SaleRefusal::StorageFull,
        "本机暂停销售。请使用其他设备，或联系工作人员。",
        "存储空间不足，不能开新单。请联网上传，或导出数据。",
        "This terminal sells nothing now. Please use another one, or contact us.",
        "No room to store a sale. Connect it to upload, or export the data."},
    TextRow<SaleRefusal>{SaleRefusal::SafeMode,
        "本机暂停销售。请使用其他设备，或联系工作人员。",
        "安全模式，不能销售。请导出数据并联系技术员。",
        "This terminal sells nothing now. Please use another one, or contact us.",
        "Safe mode, no sales. Export the data and call a technician."},
    TextRow<SaleRefusal>{SaleRefusal::PermissionMissing,
        "此操作须由工作人员办理。请联系工作人员。",
        "没有权限。请找有权限的人登录。",
        "Only the people who work here may do this. Please contact us.",
        "You may not do this. Let somebody sign in who may."},
    TextRow<SaleRefusal>{SaleRefusal::SuspendedTooMany,
        "现在不能暂存。请先付款。",
        "挂单已满。请先结清或取消一笔挂单。",
        "This cannot be kept for later now. Please pay first.",
        "Too many suspended sales. Finish or cancel one first."},
    TextRow<SaleRefusal>{SaleRefusal::SaleNotFound,
        "没有找到这笔交易。请出示小票。",
        "没有找到这笔销售。请核对单号，或联网后再试。",
        "We cannot find this purchase. Please show the receipt.",
        "Sale not found. Check its number, or try again online."},
    TextRow<SaleRefusal>{SaleRefusal::AttemptUnresolved,
        "这笔支付还在核对，订单号{order}。请稍后再来。",
        "订单{order}结果未定，不能操作。请等系统核对，不要再收款。",
        "This payment is still being checked, order {order}. Please come back later.",
        "Order {order} is not resolved. Wait for it, do not charge again."},
    TextRow<SaleRefusal>{SaleRefusal::AlreadyRefunded,
        "这件商品已经退过款。请查看退款小票。",
        "这些商品已退款。请核对已有的退款单。",
        "This was refunded before. Please see the refund receipt.",
        "These units were refunded before. See the earlier refund."},
    TextRow<SaleRefusal>{SaleRefusal::RefundTooMuch,
        "超过可退金额，最多可退{amount}。请重新选择。",
        "超过可退金额，还可退{amount}。请重新输入。",
        "That is more than is left, the most is {amount}. Please choose again.",
        "More than is left to refund, {amount}. Enter less."},
    TextRow<SaleRefusal>{SaleRefusal::RefundWindowOver,
        "已超过退款期限。请联系工作人员。",
        "已超过支付平台的退款期限。请按店规用其他方式处理。",
        "The time for a refund is over. Please contact us.",
        "The provider's refund window is over. Settle it as the shop's rules say."},
    TextRow<SaleRefusal>{SaleRefusal::RefundUnderWay,
        "退款正在处理。请稍候。",
        "这笔销售的退款正在处理。请等它结束，不要重复。",
        "A refund is under way. Please wait.",
        "A refund of this sale is under way. Wait for it, do not repeat it."},
    TextRow<SaleRefusal>{SaleRefusal::RefundNeedsNetwork,
        "现在无法退款。请稍后再来，或到购买的设备办理。",
        "非本机销售，退款须联网核对。请联网，或到原机办理。",
        "This cannot be refunded now. Come back later, or go to the terminal that sold it.",
        "Sold by another terminal, so the cloud must be asked. Go online, or use that terminal."},
    TextRow<SaleRefusal>{SaleRefusal::StorageFailed,
        "本机暂停销售。请使用其他设备，或联系工作人员。",
        "存储出错。请重启本机，再在销售记录中查看上一笔，不要重复收款。",
        "This terminal sells nothing now. Please use another one, or contact us.",
        "The storage failed. Restart the terminal, then look the last sale up: do not charge it again."},
    TextRow<SaleRefusal>{SaleRefusal::SaleOpen,
        "还有一单没有完成。请先完成那一单。",
        "还有一单未完成。请先收款、挂单或作废。",
        "Another sale is not finished. Please finish that one first.",
        "Another sale is open. Finish it, put it aside, or void it first."},
    TextRow<SaleRefusal>{SaleRefusal::TokenNotValid,
        "此码无效或已过期。请刷新后再出示。",
        "签名、有效期或门店不符，未使用。请顾客刷新后再扫。",
        "This code is not valid, or not any more. Please refresh it and show it again.",
        "Its signature, time or store is not right: it was not used. Ask for a fresh code."},
    TextRow<SaleRefusal>{SaleRefusal::MemberUnknown,
        "没有找到会员。您可以照常付款。",
        "没有找到该会员。请按非会员继续收款。",
        "No member was found. You can pay as usual.",
        "No such member is known. The sale goes on without one."},
    TextRow<SaleRefusal>{SaleRefusal::CouponNeedsNetwork,
        "现在没有网络，此券暂不能使用。请稍后再用。",
        "此券须联网核销，或离线额度已用完。未使用，券仍有效。",
        "This coupon cannot be used without a network. Please keep it for later.",
        "This coupon must be checked online, or the offline budget is used up. It was not used and stays valid."},
    TextRow<SaleRefusal>{SaleRefusal::CouponOfOther,
        "此券属于其他会员。本单不能使用，请出示您自己的券。",
        "此券绑定其他会员。请先识别该会员。",
        "This coupon belongs to another member. Please show one of your own.",
        "This coupon is bound to another member. Recognise that member first."},
    TextRow<SaleRefusal>{SaleRefusal::RefundCeded,
        "这笔退款已转到其他设备办理。请到该设备办理，或联系工作人员。",
        "这笔销售的退款已转给其他设备。请在该设备上办理。",
        "Another terminal refunds this purchase. Please go there, or contact us.",
        "The right to refund this sale was given to another terminal. Refund it there."},
    TextRow<SaleRefusal>{SaleRefusal::SlotUnknown,
        "没有这个货道。请重新选择。",
        "货道表中没有这个货道，或货道未设商品。请检查货道表。",
        "There is no such selection. Please choose again.",
        "The planogram has no such slot, or no item in it. Check the planogram."},
    TextRow<SaleRefusal>{SaleRefusal::SlotBlocked,
        "这个货道暂停使用。请选其他商品。",
        "货道已停用或卡货。请检查货道，然后重新启用。",
        "This selection is out of order. Please choose another.",
        "The slot jammed or was closed. Check it, then unblock it."},
};
static_assert(detail::is_whole(kSaleTexts, 1, kSaleRefusals));

constexpr std::array kTenderTexts{
    TextRow<TenderRefusal>{TenderRefusal::NothingToPay,
        "这次不用付款。请直接确认，即可取货。",
        "应付为零，不需要付款方式。请直接完成销售。",
        "There is nothing to pay. Please confirm, and take your goods.",
        "The total is zero. Finish the sale without a tender."},
    TextRow<TenderRefusal>{TenderRefusal::Storage,
        "本机暂停收款，没有扣款。请使用其他设备，或联系工作人员。",
        "存储空间不足，不能收款。请联网上传，或导出数据。",
        "This terminal takes no payments now, nothing was taken. Please use another one, or contact us.",
        "No room to store a sale. Connect it to upload, or export the data."},
    TextRow<TenderRefusal>{TenderRefusal::NotOffered,
        "这里不支持这种付款方式。请改用：{works}。",
        "本机没有开通这种付款方式。可改用：{works}。",
        "This way to pay is not offered here. Please use: {works}.",
        "This tender is not offered here. Works now: {works}."},
    TextRow<TenderRefusal>{TenderRefusal::Offline,
        "网络断开，不能扫码付款，没有扣款。请改用：{works}。",
        "网络断开，不能向钱包收款。可改用：{works}。",
        "There is no network, so wallets do not work, and nothing was taken. Please use: {works}.",
        "No network, so no wallet can be charged. Works now: {works}."},
    TextRow<TenderRefusal>{TenderRefusal::ClockUnknown,
        "本机时间未校准，不能扫码付款，没有扣款。请改用：{works}。",
        "本机时间未知，不能安全连接。请联网校时。可改用：{works}。",
        "The clock is not set, so wallets do not work, and nothing was taken. Please use: {works}.",
        "The time is not known, so no secure connection. Go online to set it. Works now: {works}."},
    TextRow<TenderRefusal>{TenderRefusal::TooManyUnresolved,
        "暂时不能扫码付款，没有扣款。请改用：{works}。",
        "未决支付太多，已停止扫码收款。请检查网络和网关。可改用：{works}。",
        "Wallets do not work for now, and nothing was taken. Please use: {works}.",
        "Too many unresolved payments, wallets are stopped. Check network and gateway. Works now: {works}."},
    TextRow<TenderRefusal>{TenderRefusal::NoMember,
        "没有识别到会员。请出示会员码，或改用：{works}。",
        "没有可消费的会员。请扫会员码，或改用：{works}。",
        "No member is known. Show your member code, or use: {works}.",
        "No member who may spend. Scan a member code. Works now: {works}."},
    TextRow<TenderRefusal>{TenderRefusal::NotCovered,
        "余额在这里不够用。请改用：{works}。",
        "本机可用的会员额度不足，且无法联网领取。可改用：{works}。",
        "Your balance cannot be used here now. Please use: {works}.",
        "Nothing leased here covers it, and none can be fetched. Works now: {works}."},
    TextRow<TenderRefusal>{TenderRefusal::NoScanner,
        "扫码器没有连接，不能出示付款码，没有扣款。请改用：{works}。",
        "扫码器没有连接，不能扫付款码。请检查连接。可改用：{works}。",
        "The scanner does not work, so no code can be shown, and nothing was taken. Please use: {works}.",
        "The scanner is not connected. Check its cable. Works now: {works}."},
    TextRow<TenderRefusal>{TenderRefusal::TooManyRefunds,
        "暂时不能扫码付款，没有扣款。请改用：{works}。",
        "未完成的退款太多，已停止扫码收款。请检查网络和网关。可改用：{works}。",
        "Wallets do not work for now, and nothing was taken. Please use: {works}.",
        "Too many refunds are open, wallets are stopped. Check network and gateway. Works now: {works}."},
};
static_assert(detail::is_whole(kTenderTexts, 1, payment::kTenderRefusals));

constexpr std::array kStopTexts{
    TextRow<StopReason>{StopReason::Storage,
        "本机暂停服务。请使用其他设备，或联系工作人员。",
        "存储已满或无法写入，已停止销售。请联网上传，或导出数据。",
        "This terminal is out of service. Please use another one, or contact us.",
        "Storage is full or cannot be written, sales are stopped. Connect it to upload, or export the data."},
    TextRow<StopReason>{StopReason::SafeMode,
        "本机暂停服务。请使用其他设备，或联系工作人员。",
        "连续三次启动失败，已进入安全模式。可导出和上传，请联系技术员。",
        "This terminal is out of service. Please use another one, or contact us.",
        "Three failed starts, safe mode. Export and upload work. Call a technician."},
    TextRow<StopReason>{StopReason::Journal,
        "本机暂停服务。请使用其他设备，或联系工作人员。",
        "交易日志无法打开，文件保持原样。请联系技术员，不要删除。",
        "This terminal is out of service. Please use another one, or contact us.",
        "The journal cannot be opened and was left as it is. Call a technician, delete nothing."},
};
static_assert(detail::is_whole(kStopTexts, 1, kStopReasons));

constexpr std::array kAttentionTexts{
    TextRow<Attention>{Attention::AttemptNeedsPerson,
        "您的支付正在人工核对，订单号{order}。请稍候。",
        "订单{order}（{amount}）无法自动核对。请到支付平台查询，再登记结果。",
        "Your payment is being checked by a person, order {order}. Please wait.",
        "Order {order} ({amount}) cannot be resolved by itself. Look it up at the provider and record the result."},
    TextRow<Attention>{Attention::RefundNeedsPerson,
        "您的退款正在人工处理，订单号{order}。请稍候。",
        "退款{order}（{amount}）无法自动完成。请到支付平台查询，再登记结果。",
        "Your refund is being handled by a person, order {order}. Please wait.",
        "Refund {order} ({amount}) cannot be completed by itself. Look it up at the provider and record the result."},
    TextRow<Attention>{Attention::GoodsUnknown,
        "出货结果不明。如有商品没有拿到，请联系工作人员，单号{sale}。",
        "销售{sale}出货结果不明，已按规则处理。请检查货道。",
        "We cannot tell whether your goods came out. If any did not, please contact us, sale {sale}.",
        "Sale {sale}: nobody saw whether goods came out, settled by the policy. Check the slot."},
    TextRow<Attention>{Attention::GoodsStuck,
        "有商品没有出来，{amount}会自动退回。请不要摇动机器。",
        "销售{sale}有商品未出货，正在自动退款。请检查货道。",
        "Some goods did not come out, {amount} comes back by itself. Please do not shake the machine.",
        "Sale {sale}: goods did not come out, a refund is under way. Check the slot."},
    TextRow<Attention>{Attention::TooManyUnresolved,
        "暂时不能扫码付款。请联系工作人员。",
        "有{count}笔支付未决，已停止扫码收款。请检查网络和网关。",
        "Wallets do not work for now. Please contact us.",
        "{count} payments are unresolved, wallets are stopped. Check network and gateway."},
    TextRow<Attention>{Attention::PaperOut,
        "小票纸已用完，交易不受影响。请联系工作人员补打。",
        "缺纸，销售已保存。请装纸后补打。",
        "There is no receipt paper, your purchase is safe. Please contact us.",
        "Out of paper, the sale is stored. Put in paper and print again."},
    TextRow<Attention>{Attention::PrinterFault,
        "打印机有故障，交易不受影响。请联系工作人员补打。",
        "打印机故障，销售已保存。请检查打印机后补打。",
        "The printer does not work, your purchase is safe. Please contact us.",
        "Printer fault, the sale is stored. Check the printer and print again."},
    TextRow<Attention>{Attention::ReceiptNotPrinted,
        "小票没有完整打印，交易不受影响。请联系工作人员补打。",
        "销售{sale}的小票未打印或不完整，销售已保存。请查看打印机，再补打小票。",
        "Your receipt was not printed in full, your purchase is safe. Please contact us.",
        "Sale {sale} is stored; its receipt is not printed, or not in full. Look at the printer, print it again."},
};
static_assert(detail::is_whole(kAttentionTexts, 1, kAttentions));

// clang-format on

template <class Id, std::size_t kRows>
Result<std::string_view> find(const std::array<TextRow<Id>, kRows>& rows, Id id, Language language, Audience audience) {
  for (const TextRow<Id>& row : rows) {
    if (row.id == id) return row.text(language, audience);
  }
  return fail(ErrorCode::NotFound);
}

}  // namespace

Result<std::string_view> pattern_of(ScreenId screen, Language language, Audience audience) {
  return find(kScreenTexts, screen, language, audience);
}

Result<std::string_view> pattern_of(SaleRefusal refusal, Language language, Audience audience) {
  return find(kSaleTexts, refusal, language, audience);
}

Result<std::string_view> pattern_of(TenderRefusal refusal, Language language, Audience audience) {
  return find(kTenderTexts, refusal, language, audience);
}

Result<std::string_view> pattern_of(StopReason reason, Language language, Audience audience) {
  return find(kStopTexts, reason, language, audience);
}

Result<std::string_view> pattern_of(Attention attention, Language language, Audience audience) {
  return find(kAttentionTexts, attention, language, audience);
}

std::string_view to_string(ScreenId screen) {
  switch (screen) {
    case ScreenId::Idle: return "idle";
    case ScreenId::Basket: return "basket";
    case ScreenId::ChooseTender: return "choose_tender";
    case ScreenId::ShowCode: return "show_code";
    case ScreenId::WaitingForWallet: return "waiting_for_wallet";
    case ScreenId::EnterPassword: return "enter_password";
    case ScreenId::HandingOver: return "handing_over";
    case ScreenId::ThankYou: return "thank_you";
    case ScreenId::NotCompleted: return "not_completed";
    case ScreenId::Declined: return "declined";
    case ScreenId::Refused: return "refused";
    case ScreenId::AgeCheck: return "age_check";
    case ScreenId::RefundDone: return "refund_done";
    case ScreenId::Stopped: return "stopped";
    case ScreenId::Attention: return "attention";
  }
  return "invalid";
}

std::string_view to_string(SaleRefusal refusal) {
  switch (refusal) {
    case SaleRefusal::UnknownItem: return "unknown_item";
    case SaleRefusal::CodeNotUnderstood: return "code_not_understood";
    case SaleRefusal::NotForSale: return "not_for_sale";
    case SaleRefusal::AgeNotConfirmed: return "age_not_confirmed";
    case SaleRefusal::QuantityOutOfRange: return "quantity_out_of_range";
    case SaleRefusal::WeightNeeded: return "weight_needed";
    case SaleRefusal::NotByWeight: return "not_by_weight";
    case SaleRefusal::BasketFull: return "basket_full";
    case SaleRefusal::AmountTooHigh: return "amount_too_high";
    case SaleRefusal::NothingToRemove: return "nothing_to_remove";
    case SaleRefusal::BasketEmpty: return "basket_empty";
    case SaleRefusal::CouponUnknown: return "coupon_unknown";
    case SaleRefusal::CouponTaken: return "coupon_taken";
    case SaleRefusal::NoSale: return "no_sale";
    case SaleRefusal::AlreadyPaying: return "already_paying";
    case SaleRefusal::HandingOver: return "handing_over";
    case SaleRefusal::SaleOver: return "sale_over";
    case SaleRefusal::PriceChanged: return "price_changed";
    case SaleRefusal::CodeExpired: return "code_expired";
    case SaleRefusal::CashInvalid: return "cash_invalid";
    case SaleRefusal::SoldOut: return "sold_out";
    case SaleRefusal::HandoverUnavailable: return "handover_unavailable";
    case SaleRefusal::StorageFull: return "storage_full";
    case SaleRefusal::SafeMode: return "safe_mode";
    case SaleRefusal::PermissionMissing: return "permission_missing";
    case SaleRefusal::SuspendedTooMany: return "suspended_too_many";
    case SaleRefusal::SaleNotFound: return "sale_not_found";
    case SaleRefusal::AttemptUnresolved: return "attempt_unresolved";
    case SaleRefusal::AlreadyRefunded: return "already_refunded";
    case SaleRefusal::RefundTooMuch: return "refund_too_much";
    case SaleRefusal::RefundWindowOver: return "refund_window_over";
    case SaleRefusal::RefundUnderWay: return "refund_under_way";
    case SaleRefusal::RefundNeedsNetwork: return "refund_needs_network";
    case SaleRefusal::StorageFailed: return "storage_failed";
    case SaleRefusal::SaleOpen: return "sale_open";
    case SaleRefusal::TokenNotValid: return "token_not_valid";
    case SaleRefusal::MemberUnknown: return "member_unknown";
    case SaleRefusal::CouponNeedsNetwork: return "coupon_needs_network";
    case SaleRefusal::CouponOfOther: return "coupon_of_other";
    case SaleRefusal::RefundCeded: return "refund_ceded";
    case SaleRefusal::SlotUnknown: return "slot_unknown";
    case SaleRefusal::SlotBlocked: return "slot_blocked";
  }
  return "invalid";
}

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::Storage: return "storage";
    case StopReason::SafeMode: return "safe_mode";
    case StopReason::Journal: return "journal";
  }
  return "invalid";
}

std::string_view to_string(Attention attention) {
  switch (attention) {
    case Attention::AttemptNeedsPerson: return "attempt_needs_person";
    case Attention::RefundNeedsPerson: return "refund_needs_person";
    case Attention::GoodsUnknown: return "goods_unknown";
    case Attention::GoodsStuck: return "goods_stuck";
    case Attention::TooManyUnresolved: return "too_many_unresolved";
    case Attention::PaperOut: return "paper_out";
    case Attention::PrinterFault: return "printer_fault";
    case Attention::ReceiptNotPrinted: return "receipt_not_printed";
  }
  return "invalid";
}

}  // namespace tillkit::receipt
