// SPDX-License-Identifier: Apache-2.0
// What the page says, in both languages. What the machine's screen says comes from the machine.
const WORDS = {
  title: ["tillkit sandbox", "tillkit 沙盒"],
  sections: ["Sections", "页面分区"],
  page_language: ["Language of this page", "页面语言"],
  screen_language: ["Language of the machine's screen", "售货机屏幕语言"],
  machine: ["Machine", "售货机"],
  machine_hint: ["Choose a product, as at any machine.", "像平常一样，先选择商品。"],
  phone: ["Shopper's phone", "顾客手机"],
  jump_phone: ["Phone", "手机"],
  phone_hint: ["Pay as anyone.", "选择顾客身份，用手机付款。"],
  behind: ["Behind the scenes", "幕后"],
  behind_hint: ["Written first, then done.", "每一步都先记账，后执行。"],
  lost: ["The sandbox does not answer. This page goes on when it is back.", "沙盒没有响应，恢复后页面会自动继续。"],
  goods: ["Goods behind glass", "玻璃后的商品"],
  screen: ["The machine's screen", "售货机屏幕"],
  cash: ["Coins and notes", "硬币与纸币"],
  receipt: ["Receipt", "小票"],
  no_receipt: ["The receipt comes out here.", "小票从这里打印。"],
  tear: ["Tear off", "撕下小票"],
  take_goods: ["Take what fell", "取出商品"],
  lever: ["Return lever", "退币杆"],
  bin_empty: ["Nothing to take", "取货口是空的"],
  take_cash: ["Take {money}", "取回 {money}"],
  no_change: ["No change", "无找零"],
  left: ["{n} left", "剩 {n} 件"],
  sold_out: ["sold out", "售罄"],
  jammed: ["stuck", "卡住"],
  turning: ["motor turns", "电机转动中"],
  out_of_service: ["out of service", "停用"],
  clear: ["Technician clears slot {slot}", "维修员恢复 {slot} 号货道"],
  slot: ["Slot {slot}: {name}, {money}, {stock}", "{slot} 号货道：{name}，{money}，{stock}"],
  dark: ["The machine is off.", "售货机已断电。"],
  starting: ["The machine starts.", "售货机正在启动。"],
  off: ["off", "关机"], online: ["online", "在线"], offline: ["no network", "无网络"],
  reader_on: ["Scanner: hold a code here", "扫码口：请出示二维码"],
  reader_off: ["Scanner is dark", "扫码口未开启"],
  faults: ["What can go wrong", "制造故障"],
  ideas: ["Ideas", "玩法"], ideas_title: ["Try this", "试试看"], ideas_close: ["Close the suggestions", "收起建议"],
  idea_member: ["Shop as {name}", "以{name}的身份购物"],
  idea_member_why: ["The code says who it is; coupons come off.", "付款码即会员码，先抵优惠券再付款。"],
  idea_jam: ["Jam a motor, then buy there", "卡住电机再购买"],
  idea_jam_why: ["Nothing falls; the money comes back.", "商品没有掉落，款项自动退回。"],
  idea_power: ["Pull the power mid-payment", "付款途中拔掉电源"],
  idea_power_why: ["While it waits for a password: paid once.", "钱包等待密码时断电：只扣一次款。"],
  idea_network: ["Unplug the network", "拔掉网线"],
  idea_network_why: ["Codes are refused at once; nothing is taken.", "付款码立即被拒绝，不会扣款。"],
  why_cut_network: ["The machine does not reach the cloud and the wallets any more; the journal waits to be sent.", "售货机无法连接云端和钱包，流水等待上传。"],
  why_cut_power: ["The firmware is killed at once, whatever it is doing, and starts again with the power.", "固件立即被终止，通电后重新启动。"],
  why_jam: ["The spiral of this slot turns no more: paid goods do not come out.", "该货道的电机不再转动：已付款的商品不会掉落。"],
  why_wallet_silent: ["The wallet does not answer: nobody knows yet whether it has paid.", "钱包没有应答：是否已付款尚不可知。"],
  why_want_password: ["The next payment waits until the password is typed on the shopper's phone.", "下一笔付款要在顾客手机上输入密码。"],
  why_paper_out: ["Receipts wait until there is paper.", "小票要等到装入纸卷后才能打印。"],
  why_blind: ["The terminal does not see what falls: it cannot know whether the goods came out.", "终端看不到商品掉落，无法确认是否出货。"],
  why_forget: ["After a power cut the cabinet does not know what it has handed out.", "断电后，货柜不记得出过什么货。"],
  why_clear: ["Nothing is sold from it until a technician has looked.", "维修员检查之前，此货道停售。"],
  why_refill: ["All slots are full again.", "所有货道补满。"],
  cut_power: ["Pull the power", "拔掉电源"], restore_power: ["Plug power in", "接回电源"],
  cut_network: ["Unplug the network", "拔掉网线"], restore_network: ["Plug network in", "接回网线"],
  jam: ["Jam the motor", "卡住电机"], unjam: ["Free the motor", "排除卡货"],
  wallet_silent: ["Wallet goes silent", "钱包不响应"], wallet_back: ["Wallet answers again", "钱包恢复响应"],
  want_password: ["Wallet wants a password", "钱包要求密码"], no_password: ["No password again", "取消密码要求"],
  paper_out: ["Take the paper out", "取走纸卷"], paper_in: ["Put paper in", "装入纸卷"],
  forget: ["Cabinet forgets", "货柜不记忆"], remember: ["Cabinet remembers", "货柜有记忆"],
  blind: ["Cover the drop sensor", "遮住掉货传感器"], see: ["Clear the drop sensor", "恢复掉货传感器"],
  refill: ["Refill", "补货"],
  jam_which: ["Which slot sticks", "卡住的货道"],
  pay_qr: ["Show a code to scan", "显示收款码"], pay_points: ["Pay with points", "积分支付"], pay_value: ["Pay with stored value", "储值支付"],
  pay_nothing: ["Take it, it costs nothing", "免费取货"],
  use_code: ["Payment code: at the scanner", "付款码：对准扫码口"], use_cash: ["Cash: put it in below", "现金：在下方投入"],
  cancel: ["Cancel", "取消"], confirm: ["Accept the new price", "接受新价格"],
  join_ask: ["Become a member", "加入会员"],
  join_yes: ["Become a member", "成为会员"], join_no: ["No, thanks", "不了，谢谢"],
  phone_number: ["Phone number", "手机号"], use_phone: ["Use it", "使用"],
  seconds: ["{n} s", "{n} 秒"], left_s: ["{n} s left", "还剩 {n} 秒"],
  member_price: ["As a member {money}", "会员价 {money}"], earns: ["You earn {n} points", "可得 {n} 积分"], would_earn: ["As a member you earn {n} points", "会员可得 {n} 积分"], saved: ["saved {money}", "已省 {money}"],
  who: ["Who is shopping", "谁在购物"], member: ["Member", "会员"], stranger: ["Stranger", "非会员"],
  payment_code: ["Payment code", "付款码"], new_in: ["new in {n} s", "{n} 秒后更新"],
  hold: ["Hold before the scanner", "对准扫码口"], scan_screen: ["Scan the screen's code", "扫描屏幕上的码"],
  coupons: ["Coupons", "优惠券"], card: ["Member card", "会员卡"], show_card: ["Show the card", "出示会员卡"], points: ["{n} points", "{n} 积分"], points_unknown: ["– points", "– 积分"],
  type_number: ["Type the phone number", "输入手机号"],
  notices: ["Notices", "通知"], no_notices: ["Nothing yet.", "暂无通知。"],
  charge: ["Paid {money}", "支付 {money}"], refund: ["{money} came back", "退回 {money}"], reversal: ["{money} came back", "退回 {money}"],
  asks_password: ["Your wallet asks for your password: {money}", "钱包需要您的密码：{money}"], type_password: ["Type the password", "输入密码"], refuse_password: ["Cancel", "取消"],
  nobody: ["Nobody is here: start with --people.", "没有顾客：请用 --people 启动。"], no_goods: ["The cabinet is empty: start with --planogram.", "货柜为空：请用 --planogram 启动。"],
  to_phone: ["Pay ↓", "去付款 ↓"],
  sales: ["Sales", "交易"], no_sales: ["No sale yet. Each will be one line, with what the four books say of it.", "还没有交易。每笔交易一行，列出四本账的记录。"],
  th_sale: ["Sale", "交易"], th_agree: ["Agree?", "一致？"], row_agree: ["agree", "一致"], row_under_way: ["under way", "进行中"], row_differ: ["differ", "不一致"],
  state_open: ["open", "未结束"], state_closed: ["closed", "已完成"], state_undone: ["undone", "已撤销"], state_voided: ["voided", "已放弃"], state_returned: ["returned", "已退货"],
  "state_under way": ["under way", "进行中"], state_under_way: ["under way", "进行中"], show_records: ["Records of sale {n}", "交易 {n} 的流水"],
  agree: ["All books agree", "四本账一致"], under_way: ["Under way", "进行中"], differ: ["Books differ", "账目不一致"], not_compared: ["Books not compared", "尚未对账"],
  agree_long: ["Journal, cloud, wallet and goods say the same, to the cent.", "流水、云端、钱包和货物分毫不差。"],
  under_way_long: ["Something is not finished yet:", "尚有未完成的事项："], differ_long: ["They do not say the same:", "账目不一致："],
  not_compared_long: ["Nobody compares them: start with --books.", "未启用对账：请用 --books 启动。"],
  books: ["Books", "账本"], journal: ["Journal", "流水"], outbox: ["Outbox", "待发"], book_cloud: ["Cloud", "云端"], book_wallet: ["Wallet", "钱包"], book_goods: ["Goods", "货物"],
  known: ["Known difference", "已知差异"], known_long: ["Nobody could see it; a technician looks, and it is settled:", "当时无法察觉；维修员查看后即可了结："],
  finding_goods_open: ["Goods of sale {sale} are on their way.", "交易 {sale} 的商品正在出货。"],
  finding_order_open: ["Order {order} is still open.", "订单 {order} 尚未了结。"],
  finding_cloud_sums: ["The cloud's books do not add up.", "云端账目自身不平。"],
  finding_sale: ["Sale {sale}: {here} in the journal, {there} in the cloud.", "交易 {sale}：流水为{here}，云端为{there}。"],
  finding_order: ["Order {order}: {here} by the journal, {there} by the wallet.", "订单 {order}：流水 {here}，钱包 {there}。"],
  finding_charged_often: ["Order {order} was charged {times} times.", "订单 {order} 被扣款 {times} 次。"],
  finding_balance_points: ["Points of {of}: {here} by the journal, {there} in the cloud.", "{of} 的积分：流水 {here}，云端 {there}。"],
  finding_balance_value: ["Stored value of {of}: {here} by the journal, {there} in the cloud.", "{of} 的储值：流水 {here}，云端 {there}。"],
  finding_bought: ["Purchases of {member}: {here} by the journal, {there} in the cloud.", "{member} 的购买次数：流水 {here}，云端 {there}。"],
  finding_use_here: ["Coupon {coupon}, sale {sale}: the cloud does not know that it was used.", "优惠券 {coupon}，交易 {sale}：云端没有核销记录。"],
  finding_use_there: ["Coupon {coupon}, sale {sale}: the journal does not know that it was used.", "优惠券 {coupon}，交易 {sale}：流水没有核销记录。"],
  finding_fallen: ["Slot {slot}: {here} came out by the journal, {there} fell.", "{slot} 号货道：流水出货 {here} 件，实际掉落 {there} 件。"],
  finding_stock: ["Slot {slot}: {here} left by the terminal, {there} lie there.", "{slot} 号货道：终端记录剩 {here} 件，实际有 {there} 件。"],
  finding_unseen: ["Slot {slot}: {count} fell that the covered sensor did not see.", "{slot} 号货道：传感器被遮住时掉落 {count} 件，未能察觉。"],
  finding_unreadable: ["A book cannot be read: {why}", "有一本账无法读取：{why}"],
  state_paying: ["being paid", "支付中"], state_nothing: ["nothing", "无记录"],
  refuse_machine_off: ["The machine is off.", "售货机已断电。"], refuse_goods_move: ["Goods are on their way.", "正在出货，请稍候。"],
  refuse_no_such_slot: ["There is no such slot.", "没有这个货道。"], refuse_nobody_here: ["Nobody of that name is here.", "没有这位顾客。"],
  refuse_controllers: ["The machine's controller turns the motors.", "电机由售货机控制器驱动。"],
  refuse_no_selection_now: ["The machine takes no selection now.", "售货机现在不能选货。"], refuse_no_lever: ["The machine has no lever.", "售货机没有退币杆。"],
  refuse_scanner_dark: ["The scanner is dark.", "扫码口未开启。"], refuse_no_cash: ["The machine takes no cash.", "售货机不收现金。"],
  refuse_firmware: ["The firmware cannot be started.", "固件无法启动。"], refuse_no_wallet: ["There is no wallet.", "没有钱包。"],
  refuse_wallet_silent: ["The wallet does not answer.", "钱包没有应答。"], refuse_nothing_to_scan: ["There is nothing to scan.", "没有可扫的码。"],
  refuse_no_password_asked: ["Nobody asked for a password.", "没有密码请求。"], refuse_till_silent: ["The terminal does not answer.", "终端没有应答。"],
  refuse_till_refuses: ["The terminal does not take it.", "终端拒绝了此操作。"], refuse_not_understood: ["This is not understood.", "无法理解此操作。"],
  refuse_taken_away: ["The sandbox ends.", "沙盒正在关闭。"],
  nothing_written: ["Nothing is written here yet.", "这里还没有记录。"], till_silent: ["The firmware does not answer.", "固件没有应答。"],
};

let tongue = localStorage.getItem("tongue") ?? (navigator.language.startsWith("zh") ? "zh-CN" : "en");

export const currentTongue = () => tongue;
export function setTongue(next) {
  tongue = next;
  localStorage.setItem("tongue", next);
}
export const isChinese = () => tongue === "zh-CN";
export function say(key, values = {}, from = WORDS) {
  const words = from[key]?.[isChinese() ? 1 : 0] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
/** A finding of whoever compares the books, in this page's language; one of a code that nobody here knows, in its own words. */
export function tell({ code, values = {}, words }) {
  if (!(`finding_${code}` in WORDS)) return words;
  const shown = { ...values };
  for (const name of ["here", "there"]) {
    const value = values[name];
    if (code === "sale") shown[name] = `state_${value}` in WORDS ? say(`state_${value}`) : value ?? say("state_nothing");
    else if (code === "order" || code === "balance_value") shown[name] = money(value ?? 0);
    else shown[name] = value ?? 0;
  }
  return say(`finding_${code}`, shown);
}
export const knows = (key) => key in WORDS;
export const money = (minor) => `¥${(minor / 100).toFixed(2)}`;
export const nameOf = (thing) => (isChinese() && thing.name_zh) || thing.name;
