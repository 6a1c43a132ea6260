// SPDX-License-Identifier: Apache-2.0
// What a record of the journal says, in a plain sentence of both languages. The kinds are those of lib/*/records.hpp;
// one that is not here is shown by its name.
import { isChinese, money, say } from "./words.js";

// As records have it: checkout's SaleState where a sale is over, members' NoticeWhat, fulfilment's UnitOutcome.
const CLOSED = { 5: "sale_closed", 7: "sale_undone", 8: "sale_voided", 10: "sale_returned" };
const NOTICES = { 1: ["points earned", "获得积分"], 2: ["points spent", "使用积分"], 3: ["points given back", "退还积分"], 4: ["points taken back", "扣回积分"],
  5: ["stored value spent", "使用储值"], 6: ["stored value given back", "退还储值"], 7: ["a coupon used", "使用优惠券"], 8: ["a coupon given back", "退还优惠券"],
  9: ["a coupon granted", "获赠优惠券"], 10: ["a coupon withdrawn", "收回优惠券"], 11: ["a new tier", "等级提升"], 12: ["membership", "成为会员"] };
const OUT = 1, UNKNOWN = 3;

const SENTENCES = {
  "journal.started": ["The terminal has started", "终端已启动"],
  "journal.forgotten": ["Personal data was deleted", "个人数据已删除"],
  "journal.snapshot": ["The journal was summed up", "流水已生成快照"],
  "checkout.sale_priced": ["The price is settled: {total}", "价格已确定：{total}"],
  "checkout.sale_lines": ["More lines of this sale", "这笔交易的更多商品行"],
  "checkout.price_proof": ["How the price came about", "价格的计算依据"],
  "checkout.price_proof_part": ["How the price came about, in parts", "价格的计算依据（分段）"],
  "checkout.sale_benefits": ["What a member gets by it", "会员可得的权益"],
  "checkout.tender_unmet": ["Another wallet paid than the price counted on", "付款钱包与优惠条件不符"],
  "checkout.sale_suspended": ["The sale is put aside", "交易已挂起"],
  "checkout.sale_reopened": ["Nothing was taken; the sale is open again", "未扣款，交易重新打开"],
  "checkout.sale_undoing": ["The sale is given up", "交易开始撤销"],
  "checkout.cash_taken": ["{tendered} in cash, {change} change", "收现金 {tendered}，找零 {change}"],
  "checkout.cash_returned": ["{amount} in cash handed back", "退还现金 {amount}"],
  "checkout.return_started": ["A refund of {amount} begins", "开始退款 {amount}"],
  "checkout.reprinted": ["The receipt was printed again", "小票已补打"],
  "checkout.shift_started": ["A shift begins", "班次开始"],
  "checkout.shift_ended": ["A shift ends", "班次结束"],
  sale_closed: ["The sale is complete", "交易完成"],
  sale_undone: ["The sale is undone", "交易已撤销"],
  sale_voided: ["Given up: nothing taken, nothing handed over", "已放弃：未收款，未出货"],
  sale_returned: ["The refund is complete", "退货完成"],
  "payment.attempt_intended": ["The wallet is about to be asked for {amount}", "准备向钱包收取 {amount}"],
  "payment.attempt_paid": ["The wallet has paid", "钱包已付款"],
  "payment.attempt_declined": ["The wallet says no", "钱包拒绝付款"],
  "payment.attempt_not_sent": ["The wallet was never asked", "请求没有发出"],
  "payment.attempt_reversing": ["The payment is being called back", "正在撤销付款"],
  "payment.attempt_reversed": ["Called back: nothing was taken", "已撤销：未扣款"],
  "payment.attempt_given_back": ["The wallet gave the money back", "钱包已退回款项"],
  "payment.refund_intended": ["A refund of {amount} is about to be asked for", "准备申请退款 {amount}"],
  "payment.refund_done": ["{amount} went back to the wallet", "{amount} 已退回钱包"],
  "payment.refund_refused": ["The wallet refuses the refund", "钱包拒绝退款"],
  "payment.needs_person": ["A person has to look at this payment", "这笔付款需要人工处理"],
  "payment.person_decided": ["A person has decided about the payment", "人工已作出决定"],
  "fulfilment.vend_intended": ["The goods may move from now on", "可以出货"],
  "fulfilment.vend_released": ["The machine has the approval to vend", "已批准售货机出货"],
  "fulfilment.vend_ended": ["{out} of {all} came out", "已出货 {out}/{all} 件"],
  vend_unclear: ["{out} of {all} came out, {perhaps} perhaps", "已出货 {out}/{all} 件，{perhaps} 件无法确认"],
  "fulfilment.slot_set": ["A technician says what the slots hold", "技术员登记了货道"],
  "members.recognised": ["The member is recognised", "已识别会员"],
  "members.enrolled": ["A new member joins", "新会员加入"],
  "members.merged": ["Two memberships become one", "两个会员合并"],
  "members.consented": ["The shopper agrees to be a member", "顾客同意成为会员"],
  "members.refused_consent": ["The shopper does not want to be a member", "顾客不想成为会员"],
  "members.tier_reached": ["The member reaches a new tier", "会员等级提升"],
  "members.coupon_placed": ["A coupon is set apart for this terminal", "优惠券已预留给本终端"],
  "members.coupon_given_up": ["An unused coupon goes back", "未用的优惠券已归还"],
  "members.coupons_reserved": ["Coupons are set apart for this sale", "优惠券已为本单锁定"],
  "members.coupons_redeemed": ["Coupons are used", "优惠券已核销"],
  "members.coupons_released": ["Coupons are free again", "优惠券已解锁"],
  "members.coupons_returned": ["Coupons are given back", "优惠券已退还"],
  "members.coupon_granted": ["The member gets a coupon", "会员获得优惠券"],
  "members.grant_voided": ["A granted coupon is taken back", "赠送的优惠券已收回"],
  "members.coupons_shown": ["What became of the coupons shown", "所出示优惠券的结果"],
  "members.double_redemption": ["A coupon was used twice", "优惠券被重复使用"],
  "members.notice": ["The member is told: {notice}", "通知会员：{notice}"],
  "ledger.earned": ["{points} points earned", "获得 {points} 积分"],
  "ledger.taken_back": ["{points} points taken back", "扣回 {points} 积分"],
  "ledger.reserved": ["Points or value are set apart", "积分或储值已锁定"],
  "ledger.taken": ["What was set apart is spent", "锁定的积分或储值已使用"],
  "ledger.released": ["What was set apart is free again", "锁定的积分或储值已解锁"],
  "ledger.given_back": ["Points or value are given back", "积分或储值已退还"],
  "ledger.lease_requested": ["Points or value are asked for, to spend here", "申请在本机使用积分或储值"],
  "ledger.lease_placed": ["The cloud sets points or value apart for this terminal", "云端已为本终端预留积分或储值"],
  "ledger.lease_refused": ["The cloud sets nothing apart", "云端没有预留"],
  "ledger.lease_returned": ["What was not spent goes back to its owner", "未用部分已归还"],
  "sync.record_refused": ["The cloud cannot use a record", "云端无法使用一条记录"],
  "sync.upload_stopped": ["The upload waits for a person", "上传暂停，等待人工"],
  "sync.upload_resumed": ["The upload goes on", "上传继续"],
  "sync.news_taken": ["News from the cloud", "收到云端更新"],
  "sync.decision_refused": ["A change from the cloud cannot be used", "云端的一项变更无法使用"],
  "sync.recalled": ["The cloud wants something back", "云端要求收回"],
  "sync.recall_ended": ["It has gone back to the cloud", "已归还云端"],
  "sync.refund_ceded": ["Another terminal may refund this sale", "退款已交由其他终端"],
  "sync.settings_changed": ["The settings have changed", "设置已更新"],
};

const written = (value) => (value !== null && typeof value === "object" && "minor" in value ? money(value.minor) : value);

/** The plain sentence of a record; its kind where nobody wrote one. */
export function sentenceOf({ kind, body = {} }) {
  const values = Object.fromEntries(Object.entries(body).map(([name, value]) => [name, written(value)]));
  let key = kind;
  if (kind === "checkout.sale_closed") key = CLOSED[body.how] ?? kind;
  if (kind === "members.notice") values.notice = NOTICES[body.what]?.[isChinese() ? 1 : 0] ?? "…";
  if (kind === "fulfilment.vend_ended") {
    values.all = body.units.length;
    values.out = body.units.filter((unit) => unit === OUT).length;
    values.perhaps = body.units.filter((unit) => unit === UNKNOWN).length;
    if (values.perhaps > 0) key = "vend_unclear";
  }
  return say(key, values, SENTENCES);
}
