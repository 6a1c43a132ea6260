// SPDX-License-Identifier: Apache-2.0
import { productSvg } from "./drawings.js";
import { newestTop, paperOf } from "./receipt.js";
import { sentenceOf } from "./records.js";
import { currentTongue, isChinese, knows, money, nameOf, say, setTongue, tell } from "./words.js";

const $ = (id) => document.getElementById(id);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const CODE_LASTS_S = 45;
const COLUMNS_MIN = 32;

let state = null;
let backstage = null;
let person = sessionStorage.getItem("person");
let book = null;  // the tab that somebody chose
const opened = new Set();  // records whose JSON is shown, by seq
const seen = { screen: true, handset: true };  // what lies within the window
const codes = new Map();  // of a person: {code, until}
const drawn = new Map();  // of a part: what it was drawn from
let screenSince = performance.now();
let tongueOffered = false;  // the idle screen was asked for this page's language

// --- small things ---

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Draws a part anew only when what it shows has changed, so that focus and selection stay. True: it did. */
function draw(part, source, paint) {
  const key = `${currentTongue()} ${JSON.stringify(source)}`;
  if (drawn.get(part) === key) return false;
  drawn.set(part, key);
  const box = $(part);
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  paint(box);
  if (focused) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  return true;
}

function toast(words) {
  const box = $("toast");
  box.textContent = words;
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 4000);
}

async function act(body) {
  const answer = await fetch("act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) toast(knows(`refuse_${said.code}`) ? say(`refuse_${said.code}`) : said.error ?? said.problem ?? `${answer.status}`);
  return answer.ok ? said : null;
}

const press = (what) => act({ act: "press", press: what });

/** Whoever is at the page finds the machine in their own language: once before each visit, while nobody uses it. */
function offerTongue() {
  if (state.screen?.screen !== "idle") {
    if (state.screen) tongueOffered = false;
    return;
  }
  if (tongueOffered) return;
  tongueOffered = true;
  if (state.screen.language && state.screen.language !== currentTongue()) press({ press: "language", to: currentTongue() });
}

// --- the machine ---

/** The terminal sells nothing from it until a technician has looked. */
const isBlocked = (slot) => (slot.terminal?.block ?? "none") !== "none";
/** Something fell out of it that nobody saw, and nobody has counted since. */
const isUnexplored = (slot) => slot.unseen > slot.accounted;

function paintGlass(box) {
  box.replaceChildren();
  if (state.cabinet.slots.length === 0) {
    box.append(make("p", { className: "empty", textContent: say("no_goods") }));
    return;
  }
  for (const slot of state.cabinet.slots) {
    const empty = slot.stock === 0;
    const stock = isBlocked(slot) ? say("out_of_service") : empty ? say("sold_out") : say("left", { n: slot.stock });
    const words = { slot: slot.slot, name: nameOf(slot), money: money(slot.price), stock };
    const button = make("button", { type: "button", className: "slot", title: nameOf(slot), "data-key": `slot${slot.slot}`, "aria-label": say("slot", words) });
    button.classList.toggle("sold-out", empty);
    button.classList.toggle("jammed", slot.jammed || isBlocked(slot));
    button.classList.toggle("turning", state.cabinet.turning === slot.slot);
    const goods = make("span", { className: "goods", "aria-hidden": "true" });
    goods.innerHTML = productSvg(slot) + (slot.stock > 1 ? productSvg(slot) : "");
    const flag = slot.jammed ? say("jammed") : state.cabinet.turning === slot.slot ? say("turning") : isBlocked(slot) ? say("out_of_service") : empty ? say("sold_out") : "";
    button.append(goods, make("span", { className: "coil", "aria-hidden": "true" }),
      make("span", { className: "label", "aria-hidden": "true" }, make("b", { textContent: slot.slot }), make("span", { className: "price", textContent: money(slot.price) }),
        make("span", { className: "name", textContent: nameOf(slot) })),
      make("span", { className: "stock", "aria-hidden": "true", textContent: empty ? "" : `×${slot.stock}` }));
    if (flag) button.append(make("span", { className: "flag", textContent: flag }));
    button.onclick = () => {
      act({ act: "select", slot: slot.slot });
      $("screen").scrollIntoView({ block: "nearest", behavior: still.matches ? "auto" : "smooth" });
    };
    box.append(button);
  }
}

/** A product that left its slot falls into the bin, for all to see. */
function letFall(before) {
  if (!before || still.matches) return;
  for (const slot of state.cabinet.slots) {
    const was = before.cabinet.slots.find((other) => other.slot === slot.slot);
    if (!was || slot.fallen <= was.fallen) continue;
    const from = document.querySelector(`[data-key="slot${slot.slot}"] .goods`)?.getBoundingClientRect();
    const to = document.querySelector(".bin").getBoundingClientRect();
    if (!from) continue;
    const product = make("span", { className: "falling", "aria-hidden": "true" });
    product.innerHTML = productSvg(slot);
    product.style.left = `${from.left + scrollX + from.width / 2 - 22}px`;
    product.style.top = `${from.top + scrollY}px`;
    document.body.append(product);
    const way = to.top - from.top - 10;
    product.animate([{ transform: "none" }, { transform: "translateY(8px) rotate(6deg)", offset: 0.2 },
      { transform: `translateY(${way}px) rotate(84deg)`, offset: 0.85 }, { transform: `translateY(${way - 10}px) rotate(90deg)`, offset: 0.92 },
      { transform: `translateY(${way}px) rotate(90deg)`, opacity: 1 }], { duration: 900, easing: "cubic-bezier(.45,0,.9,.55)" }).onfinish = () => product.remove();
  }
}

const amountOf = (screen) => screen.amount ?? screen.total ?? screen.paid;
const WAITS = ["waiting_for_wallet", "enter_password", "handing_over", "show_code"];

function paintScreen(box) {
  const screen = state.screen;
  box.replaceChildren();
  if (!screen) {
    box.append(make("p", { className: "dark", textContent: say(state.power && state.firmware.running ? "starting" : "dark") }));
    return;
  }
  if (screen.rows?.length) {
    const list = make("ul", { className: "rows" });
    for (const row of screen.rows) {
      const plain = row.list.minor === row.net.minor;
      list.append(make("li", {}, make("span", { textContent: row.quantity > 1 && row.unit === "piece" ? `${row.name} ×${row.quantity}` : row.name }),
        make("span", {}, plain ? null : make("s", { textContent: row.list.text }), ` ${row.net.text}`)));
    }
    box.append(list);
  }
  const amount = amountOf(screen);
  if (amount) box.append(make("p", { className: "amount", textContent: amount.text }));
  if (screen.discount?.minor > 0) box.append(make("p", { className: "good", textContent: say("saved", { money: screen.discount.text }) }));
  if (screen.text) box.append(make("p", { className: "words", textContent: screen.text }));
  if (screen.points > 0 && !asksToJoin(screen)) box.append(make("p", { className: "aside", textContent: say("earns", { n: screen.points }) }));
  if (screen.qr) box.append(make("img", { className: "qr", src: `qr?text=${encodeURIComponent(screen.qr)}`, alt: screen.text }));
  if (screen.screen === "handing_over") {
    const bar = make("progress", { max: Math.max(1, screen.units), "aria-label": screen.text });
    if (screen.out > 0) bar.value = screen.out;
    box.append(bar);
  }
  if (screen.screen === "thank_you" || screen.screen === "refund_done") box.append(make("p", { className: "mark-big", "aria-hidden": "true", textContent: screen.screen === "thank_you" && !screen.back ? "✓" : "↩" }));
}

/** A stranger is told what a member would have, and asked. */
const asksToJoin = (screen) => screen.screen === "basket" && !screen.member && Boolean(screen.as_member || screen.points);

/** The ways to pay that a screen names. */
const waysToPay = (screen) => new Set((screen.works ?? []).map((work) => work.tender));

function choicesOf(screen) {
  const works = waysToPay(screen);
  const choices = [];
  const add = (key, what, kind = "") => choices.push({ key, words: say(key), what, kind });
  if (works.has("wallet_qr")) add("pay_qr", { press: "pay_qr" }, "first");
  if (works.has("points")) add("pay_points", { press: "pay_points" });
  if (works.has("stored_value")) add("pay_value", { press: "pay_value" });
  if (screen.screen === "basket" && screen.total.minor === 0) add("pay_nothing", { press: "pay_nothing" }, "first");
  if (screen.refusal === "price_changed") add("confirm", { press: "confirm" }, "first");
  if (["basket", "choose_tender", "show_code", "waiting_for_wallet", "enter_password", "declined", "refused"].includes(screen.screen)) add("cancel", { press: "cancel" }, "quiet");
  return choices;
}

function paintChoices(box) {
  const screen = state.screen;
  box.replaceChildren();
  if (!screen) return;
  const works = waysToPay(screen);
  if (works.has("wallet_code")) box.append(make("p", { className: "hint", textContent: `▸ ${say("use_code")}` }));
  if (works.has("cash")) box.append(make("p", { className: "hint", textContent: `▸ ${say("use_cash")}` }));
  const buttonOf = ({ key, words, what, kind }) => {
    const button = make("button", { type: "button", className: kind, textContent: words, "data-key": key });
    button.onclick = () => press(what);
    return button;
  };
  const choices = choicesOf(screen);
  box.append(...choices.filter((choice) => choice.kind !== "quiet").map(buttonOf));
  if (asksToJoin(screen)) {
    const gains = [screen.as_member && say("member_price", { money: screen.as_member.text }), screen.points > 0 && say("would_earn", { n: screen.points })];
    box.append(make("div", { className: "question", role: "group", "aria-label": say("join_ask") },
      ...gains.filter(Boolean).map((words) => make("p", { textContent: words })),
      ...[true, false].map((yes) => buttonOf({ key: yes ? "join_yes" : "join_no", words: say(yes ? "join_yes" : "join_no"), what: { press: "consent", yes }, kind: "" }))));
  }
  box.append(...choices.filter((choice) => choice.kind === "quiet").map(buttonOf));
}

function tickScreen() {
  if (!state) return;
  const screen = state.screen;
  const waits = screen && WAITS.includes(screen.screen);
  const clock = $("screen-clock");
  clock.hidden = !waits && !(state.power && state.firmware.running && !screen);
  if (clock.hidden) return;
  const gone = Math.floor((performance.now() - screenSince) / 1000);
  const ends = screen?.expires_at ? Math.max(0, Math.round((Date.parse(screen.expires_at) - Date.now()) / 1000)) : null;
  clock.lastElementChild.textContent = ends === null ? say("seconds", { n: gone }) : say("left_s", { n: ends });
}

function paintReceipt(box) {
  const bytes = Uint8Array.from(atob(state.printer.bytes), (letter) => letter.codePointAt(0));
  $("tear").hidden = bytes.length === 0;
  const { paper, columns } = paperOf(bytes);
  box.style.setProperty("--columns", Math.max(COLUMNS_MIN, columns));
  box.replaceChildren(...(bytes.length === 0 ? [make("p", { className: "empty", textContent: say("no_receipt") })] : paper));
  box.scrollTop = newestTop(box);
}

const PAID_BY_PHONE = ["basket", "choose_tender", "show_code", "enter_password"];

/** Where the screen is out of sight, one line of it stays in sight; and the way to the phone, when it is time to pay. */
function renderGlance() {
  if (!state) return;
  const screen = state.screen;
  const leads = PAID_BY_PHONE.includes(screen?.screen) && !seen.handset;
  $("glance-pay").hidden = !leads;
  $("glance").hidden = seen.screen && !leads;
  $("glance-screen").textContent = screen ? [amountOf(screen)?.text, screen.text].filter(Boolean).join(" · ") : say(state.power && state.firmware.running ? "starting" : "dark");
}

function renderMachine() {
  renderGlance();
  draw("glass", [state.cabinet.slots, state.cabinet.turning], paintGlass);
  const anew = draw("screen-body", [state.screen, state.power, state.firmware.running], paintScreen);
  draw("screen-choices", state.screen, paintChoices);
  const rows = $("screen-body").querySelector(".rows");
  if (anew && rows) rows.scrollTop = rows.scrollHeight;  // the newest line last, as on the receipt
  draw("paper", state.printer.bytes, paintReceipt);
  $("casing").classList.toggle("off", !state.power);
  $("screen").classList.toggle("off", !state.screen);
  $("screen").lang = state.screen?.language ?? currentTongue();
  $("screen-who").textContent = !state.board ? say("off") : say(state.network ? "online" : "offline");
  $("screen-who").dataset.good = state.board && state.network;
  for (const button of document.querySelectorAll(".machine-tongue button")) {
    button.setAttribute("aria-pressed", JSON.parse(button.dataset.press).to === state.screen?.language);
    button.disabled = !state.screen;
  }
  $("beam").classList.toggle("on", state.scanner);
  $("reader-words").textContent = say(state.scanner ? "reader_on" : "reader_off");
  $("lever").hidden = !state.cabinet.controller;
  const bin = $("take-goods");
  bin.disabled = state.cabinet.in_bin === 0;
  bin.textContent = state.cabinet.in_bin === 0 ? say("bin_empty") : `${say("take_goods")} (${state.cabinet.in_bin})`;
  document.querySelector(".cash").hidden = state.cash === null;
  if (state.cash === null) return;
  const tray = $("take-cash");
  tray.disabled = state.cash.tray === 0;
  tray.textContent = state.cash.tray === 0 ? say("no_change") : say("take_cash", { money: money(state.cash.tray) });
}

// --- what can go wrong ---

function paintFaults(box) {
  const title = box.firstElementChild;
  const jammed = state.cabinet.slots.find((slot) => slot.jammed);
  const select = make("select", { "aria-label": say("jam_which"), "data-key": "jam-which" });
  for (const slot of state.cabinet.slots) select.append(make("option", { value: slot.slot, textContent: `${slot.slot} ${nameOf(slot)}`, selected: slot === jammed }));
  const before = box.querySelector("select")?.value;
  if (before && !jammed) select.value = before;
  const faults = [
    [state.network, "cut_network", "restore_network", (on) => ({ act: "network", plugged: on })],
    [state.power && (state.firmware.running || !state.firmware.managed), "cut_power", "restore_power", (on) => ({ act: "power", on })],
    [!jammed, "jam", "unjam", (on) => ({ act: "jam", slot: on ? jammed.slot : Number(select.value), on: !on }), state.cabinet.slots.length === 0],
    [state.wallet.answers, "wallet_silent", "wallet_back", (on) => ({ act: "wallet", answers: on }), !state.wallet.there],
    [!state.wallet.password, "want_password", "no_password", (on) => ({ act: "wallet", password: !on }), !state.wallet.there],
    [state.printer.ready, "paper_out", "paper_in", (on) => ({ act: "paper", loaded: on })],
    [!state.cabinet.sensor_blind, "blind", "see", (on) => ({ act: "sensor", blind: !on }), state.cabinet.controller],
    [state.cabinet.remembers, "forget", "remember", (on) => ({ act: "memory", keeps: on }), state.cabinet.controller],
  ];
  const buttons = [];
  for (const [well, breakIt, mendIt, body, hidden] of faults) {
    if (hidden) continue;
    const button = make("button", { type: "button", className: well ? "" : "broken", textContent: say(well ? breakIt : mendIt), title: say(`why_${breakIt}`), "data-key": breakIt, "aria-pressed": String(!well) });
    button.onclick = () => act(body(!well));
    buttons.push(breakIt === "jam" ? make("span", { className: "pair" }, button, select) : button);
  }
  for (const slot of state.cabinet.slots) {
    if (!isBlocked(slot) && !isUnexplored(slot)) continue;
    const clear = make("button", { type: "button", className: "broken", textContent: say("clear", { slot: slot.slot }), title: say("why_clear"), "data-key": `clear${slot.slot}` });
    clear.onclick = () => act({ act: "clear", slot: slot.slot });
    buttons.push(clear);
  }
  const refill = make("button", { type: "button", textContent: say("refill"), title: say("why_refill"), "data-key": "refill" });
  refill.onclick = () => act({ act: "refill" });
  box.replaceChildren(title, ...buttons, refill);
}

// --- what to try ---

function point(target) {
  const element = document.querySelector(`[data-key="${CSS.escape(target)}"]`);
  if (!element) return;
  element.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
  element.focus({ preventScroll: true });
  element.classList.add("pointed");
  element.addEventListener("blur", () => element.classList.remove("pointed"), { once: true });
}

function paintIdeas(box) {
  const member = state.people.find((one) => one.member);
  const slot = state.cabinet.slots.find((one) => one.stock > 0 && !one.jammed);
  const ideas = [
    ["idea_member", member && slot, () => { choosePerson(member); point(`slot${slot.slot}`); }],
    ["idea_jam", slot, () => point("jam")],
    ["idea_power", state.wallet.there, () => point("want_password")],
    ["idea_network", true, () => point("cut_network")],
  ];
  box.replaceChildren();
  for (const [name, possible, lead] of ideas) {
    if (!possible) continue;
    const button = make("button", { type: "button", "data-key": name }, make("b", { textContent: say(name, { name: member && nameOf(member) }) }), make("span", { textContent: say(`${name}_why`) }));
    button.onclick = lead;
    box.append(make("li", {}, button));
  }
}

function showIdeas(on) {
  localStorage.setItem("ideas", on ? "on" : "off");
  render();
}

function renderIdeas() {
  const on = localStorage.getItem("ideas") !== "off";
  $("ideas").hidden = !on;
  $("ideas-open").setAttribute("aria-expanded", String(on));
  draw("ideas-list", [state.people[0], state.cabinet.slots.map((slot) => slot.stock > 0 && !slot.jammed), state.wallet.there], paintIdeas);
}

// --- the phone ---

function shopper() {
  return state.people.find((one) => one.id === person) ?? state.people[0];
}

function choosePerson(one) {
  person = one.id;
  sessionStorage.setItem("person", person);
  render();
}

async function newCode(one) {
  codes.set(one.id, { code: null, until: performance.now() + CODE_LASTS_S * 1000 });
  const made = await act({ act: "code", person: one.id });
  if (made) codes.set(one.id, { code: made.code, until: performance.now() + CODE_LASTS_S * 1000 });
  render();
}

function paintPeople(box) {
  box.replaceChildren();
  for (const one of state.people) {
    const chosen = one === shopper();
    const button = make("button", { type: "button", role: "radio", "aria-checked": String(chosen), tabIndex: chosen ? 0 : -1, "data-key": one.id },
      make("span", { className: "face", "aria-hidden": "true", textContent: nameOf(one).slice(0, 1) }), make("span", {}, nameOf(one), make("small", { textContent: say(one.member ? "member" : "stranger") })));
    button.onclick = () => choosePerson(one);
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = [...box.children];
      const next = all[(all.indexOf(button) + step + all.length) % all.length];
      next.focus();
      next.click();
    };
    box.append(button);
  }
}

const WALLETS = { wechat_pay: ["WeChat Pay", "微信支付"], alipay: ["Alipay", "支付宝"], unionpay: ["UnionPay", "云闪付"] };

function renewWords(kept) {
  const soon = kept?.code ? say("new_in", { n: Math.max(0, Math.ceil((kept.until - performance.now()) / 1000)) }) : "…";
  return `${say("payment_code")} · ${soon}`;
}

function paintHandset(box) {
  const one = shopper();
  box.replaceChildren();
  if (!one) {
    box.append(make("p", { className: "empty", textContent: say("nobody") }));
    return;
  }
  const asked = state.wallet.asks.find((ask) => ask.user === one.user);
  if (asked) {
    const type = make("button", { type: "button", className: "first", textContent: say("type_password"), "data-key": "password" });
    const refuse = make("button", { type: "button", className: "quiet", textContent: say("refuse_password"), "data-key": "no-password" });
    type.onclick = () => act({ act: "password", person: one.id, yes: true });
    refuse.onclick = () => act({ act: "password", person: one.id, yes: false });
    box.append(make("div", { className: "sheet", role: "alert" }, make("p", { textContent: say("asks_password", { money: money(asked.minor) }) }),
      make("p", { className: "dots", "aria-hidden": "true", textContent: "••••••" }), make("div", { className: "pair" }, type, refuse)));
  }
  const kept = codes.get(one.id);
  const wallet = make("div", { className: `wallet ${one.wallet}` }, make("h3", { textContent: WALLETS[one.wallet]?.[isChinese() ? 1 : 0] ?? one.wallet }));
  // The place of a code that is not there yet is kept, so that no button moves when it comes.
  wallet.append(kept?.code ? make("img", { className: "qr", src: `qr?text=${kept.code}`, alt: say("payment_code") }) : make("span", { className: "qr" }),
    make("p", { className: "digits", textContent: kept?.code ? kept.code.replace(/(\d{4})(?=\d)/g, "$1 ") : "\u00a0" }),
    make("p", { className: "renew", id: "renew", textContent: renewWords(kept) }));
  const hold = make("button", { type: "button", className: "first", textContent: say("hold"), "data-key": "hold", disabled: !state.scanner || !kept?.code });
  hold.onclick = async () => { if (await act({ act: "scan", code: kept.code })) { flash(); newCode(one); } };
  const scan = make("button", { type: "button", textContent: say("scan_screen"), "data-key": "scan", disabled: !state.screen?.qr });
  scan.onclick = () => act({ act: "pay_qr", person: one.id, qr: state.screen.qr });
  wallet.append(make("div", { className: "pair" }, hold, scan));
  box.append(wallet);
  if (one.card || one.phone || one.member) {
    const points = state.points.find((entry) => entry.member === one.member);
    const card = make("div", { className: "card" }, make("h3", { textContent: say(one.card || one.phone ? "card" : "member") }), make("p", { className: "points", textContent: points ? say("points", { n: points.points }) : say("points_unknown") }));
    if (one.card) {
      const show = make("button", { type: "button", textContent: say("show_card"), "data-key": "card", disabled: !state.scanner });
      show.onclick = async () => { if (await act({ act: "scan", code: one.card })) flash(); };
      card.append(show);
    }
    if (one.phone) {
      const type = make("button", { type: "button", textContent: `${say("type_number")} ${one.phone}`, "data-key": "number", disabled: !state.screen });
      type.onclick = () => press({ press: "phone", number: one.phone });
      card.append(type);
    }
    box.append(card);
  }
  if (one.coupons.length > 0) {
    const list = make("div", { className: "coupons" }, make("h3", { textContent: say("coupons") }));
    for (const coupon of one.coupons) {
      const button = make("button", { type: "button", className: "coupon", "data-key": coupon.code, disabled: !state.scanner }, make("span", { textContent: nameOf(coupon) }), make("small", { textContent: say("hold") }));
      button.onclick = async () => { if (await act({ act: "scan", code: coupon.code })) flash(); };
      list.append(button);
    }
    box.append(list);
  }
  const notices = make("div", { className: "notices", role: "log", "aria-label": say("notices") }, make("h3", { textContent: say("notices") }));
  const own = state.movements.filter((movement) => movement.user === one.user).slice(-4).reverse();
  if (own.length === 0) notices.append(make("p", { className: "empty", textContent: say("no_notices") }));
  for (const movement of own) {
    const words = knows(movement.kind) ? say(movement.kind, { money: money(Math.abs(movement.minor)) }) : `${movement.kind} ${money(movement.minor)}`;
    notices.append(make("p", {}, make("span", { textContent: words }), make("time", { textContent: new Date(movement.at_ms).toLocaleTimeString(currentTongue()) })));
  }
  box.append(notices);
}

function flash() {
  if (still.matches) return;
  $("beam").animate([{ opacity: 0.2 }, { opacity: 1, boxShadow: "0 0 22px 6px #e5484d" }, { opacity: 1 }], { duration: 500 });
}

function tickCode() {
  if (!state?.people.length) return;
  const one = shopper();
  const kept = codes.get(one.id);
  if (!kept || performance.now() > kept.until) {
    newCode(one);
    return;
  }
  const line = $("renew");
  if (line) line.textContent = renewWords(kept);
}

// --- behind the scenes ---

function verdict() {
  const books = backstage?.books;
  if (!books) return "none";
  if (books.equal) return "equal";
  // Explained, and nothing else: it waits for a technician, not for the machine.
  if (books.known?.length > 0 && books.differences.length === 0 && !books.under_way) return "known";
  const busy = books.under_way === true || (state && WAITS.includes(state.screen?.screen)) || (backstage.outbox ?? []).some((line) => line.unacknowledged > 0 || ("attempt" in line && !line.needs_person) || "refund" in line);
  return busy ? "under_way" : "differ";
}
const VERDICT_WORDS = { none: "not_compared", equal: "agree", known: "known", under_way: "under_way", differ: "differ" };

function paintVerdict(box) {
  const which = verdict();
  box.dataset.light = which;
  box.replaceChildren(make("span", { className: "lamp", "aria-hidden": "true" }), make("p", { textContent: say(`${VERDICT_WORDS[which]}_long`) }));
  const books = backstage?.books;
  // Whoever compares the books may know words only.
  const findings = [...(books?.findings ?? (books?.differences ?? []).map((words) => ({ words }))), ...(books?.known ?? [])];
  if (findings.length > 0) {
    const list = make("ul");
    for (const finding of findings) list.append(make("li", { textContent: tell(finding) }));
    box.append(list);
  }
}

function pagesOf() {
  const pages = [];
  const journal = backstage?.journal ?? [];
  const outbox = backstage?.outbox ?? [];
  const sales = backstage?.books?.sales;
  if (sales) pages.push({ id: "sales", title: say("sales"), count: sales.length });
  pages.push({ id: "journal", title: say("journal"), count: journal.at(-1)?.seq ?? 0 });
  pages.push({ id: "outbox", title: say("outbox"), count: outbox.reduce((sum, line) => sum + ("done" in line ? line.unacknowledged ?? 0 : 1), 0) });
  for (const one of backstage?.books?.books ?? []) {
    if (one.name === "journal") continue;
    pages.push({ id: `book ${one.name}`, title: knows(`book_${one.name}`) ? say(`book_${one.name}`) : one.name, count: one.lines.length });
  }
  return pages;
}

/** The tab that somebody chose, while it is there; else the first. */
function bookShown() {
  const pages = pagesOf();
  return (pages.find((page) => page.id === book) ?? pages[0]).id;
}

function paintTabs(box) {
  box.replaceChildren();
  for (const page of pagesOf()) {
    const chosen = page.id === bookShown();
    const tab = make("button", { type: "button", role: "tab", "aria-selected": String(chosen), "aria-controls": "book", tabIndex: chosen ? 0 : -1, "data-key": page.id },
      page.title, make("small", { textContent: page.count }));
    tab.onclick = () => { book = page.id; render(); };
    tab.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const all = [...box.children];
      const next = all[(all.indexOf(tab) + step + all.length) % all.length];
      next.focus();
      next.click();
    };
    box.append(tab);
  }
}

function briefly(value) {
  if (value === null || typeof value !== "object") return String(value);
  if ("minor" in value && "currency" in value) return money(value.minor);
  return JSON.stringify(value);
}

const inWords = (line) => Object.entries(line).filter(([name]) => name !== "done").map(([name, value]) => `${name} ${briefly(value)}`).join(" · ");

function recordLine(record) {
  const time = record.wall_ms ? make("time", { textContent: new Date(record.wall_ms).toLocaleTimeString(currentTongue()) }) : null;
  const sale = record.sale ? make("em", { textContent: `#${record.sale}` }) : null;
  const details = make("details", { open: opened.has(record.seq) },
    make("summary", { "data-key": `record${record.seq}` }, make("b", { textContent: record.seq }), make("span", {}, sentenceOf(record), " ", sale), time),
    make("pre", { textContent: `${record.kind} ${JSON.stringify(record.body ?? {}, null, 1)}` }));
  details.ontoggle = () => (details.open ? opened.add(record.seq) : opened.delete(record.seq));
  return make("li", { className: record.fresh ? "fresh" : "" }, details);
}

const stateWords = (state) => (knows(`state_${state}`) ? say(`state_${state}`) : state);

function showRecordsOf(sale) {
  book = "journal";
  render();
  const first = (backstage?.journal ?? []).find((record) => record.sale === sale);
  if (first) point(`record${first.seq}`);
}

/** Goods that came out, and those of which nobody knows. */
const goodsWords = ({ out, perhaps }) => (perhaps > 0 ? `${out} (+${perhaps}?)` : `${out}`);

function saleLine({ sale, journal, cloud, wallet, goods, equal }) {
  const said = (minor, state) => make("td", {}, minor === undefined ? "" : `${money(minor)} `, make("small", { textContent: stateWords(state) }));
  const nothing = () => make("td", { textContent: "–" });
  const which = equal ? "agree" : verdict() === "differ" ? "differ" : "under_way";
  const number = make("button", { type: "button", textContent: `#${sale}`, "aria-label": say("show_records", { n: sale }), "data-key": `sale${sale}` });
  number.onclick = () => showRecordsOf(sale);
  return make("tr", { "data-row": which }, make("th", { scope: "row" }, number), journal ? said(journal.minor, journal.state) : nothing(),
    cloud ? said(undefined, cloud.state) : nothing(), make("td", { textContent: wallet ? money(wallet.minor) : "–" }),
    make("td", { textContent: goods ? goodsWords(goods) : "–" }),
    make("td", {}, make("span", { className: "tick", "aria-hidden": "true", textContent: { agree: "✓", differ: "≠", under_way: "…" }[which] }),
      make("span", { className: "unseen", textContent: say(`row_${which}`) })));
}

/** A line for each sale, the newest first: what the four books say of it. */
function salesTable(sales) {
  const heads = [say("th_sale"), say("journal"), say("book_cloud"), say("book_wallet"), say("book_goods"), say("th_agree")];
  return make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((words, at) => make("th", { scope: "col" }, at < heads.length - 1 ? words : make("span", { className: "unseen", textContent: words }))))),
    make("tbody", {}, ...[...sales].sort((one, other) => other.sale - one.sale).map(saleLine)));
}

function linesOf(which) {
  const lines = which === "outbox" ? (backstage?.outbox ?? []).map(inWords)
    : (backstage?.books?.books.find((one) => `book ${one.name}` === which)?.lines ?? []).map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  return lines.map((words) => make("li", {}, make("span", { textContent: words })));
}

function paintBook(box) {
  const which = bookShown();
  const turned = box.dataset.book !== which;
  const atEnd = turned || box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  box.dataset.book = which;
  if (which === "sales") {
    const { sales } = backstage.books;
    box.replaceChildren(sales.length > 0 ? salesTable(sales) : make("p", { className: "empty", textContent: say("no_sales") }));
    if (turned) box.scrollTop = 0;
    return;
  }
  const lines = which === "journal" ? (backstage?.journal ?? []).map(recordLine) : linesOf(which);
  const silent = backstage && !backstage.till && (which === "journal" || which === "outbox");
  box.replaceChildren(lines.length > 0 ? make("ol", {}, ...lines) : make("p", { className: "empty", textContent: say(silent ? "till_silent" : "nothing_written") }));
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function renderBehind() {
  const which = verdict();
  $("light").dataset.light = which;
  if ($("light-words").textContent !== say(VERDICT_WORDS[which])) $("light-words").textContent = say(VERDICT_WORDS[which]);
  draw("verdict", [which, backstage?.books?.differences, backstage?.books?.known], paintVerdict);
  draw("tabs", [pagesOf(), bookShown()], paintTabs);
  draw("book", [bookShown(), which, backstage], paintBook);
}

// --- all of it ---

function renderWords() {
  document.documentElement.lang = currentTongue();
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-w]")) element.textContent = say(element.dataset.w);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const button of document.querySelectorAll("[data-tongue]")) button.setAttribute("aria-pressed", String(button.dataset.tongue === currentTongue()));
}

function render() {
  renderWords();
  renderBehind();
  if (!state) return;
  renderIdeas();
  renderMachine();
  draw("faults", [state.network, state.power, state.firmware.running, state.cabinet.slots.map((slot) => [slot.slot, slot.jammed, isBlocked(slot), isUnexplored(slot)]), state.wallet.answers,
    state.wallet.password, state.printer.ready, state.cabinet.sensor_blind, state.cabinet.remembers], paintFaults);
  draw("people", [state.people, shopper()?.id], paintPeople);
  const one = shopper();
  draw("handset", [one, state.scanner, state.screen?.qr, !state.screen, state.wallet.asks, state.movements, state.points, codes.get(one?.id)?.code], paintHandset);
  tickScreen();
  tickCode();
}

function listen() {
  const events = new EventSource("events");
  events.addEventListener("state", (event) => {
    const before = state;
    state = JSON.parse(event.data);
    if (JSON.stringify(before?.screen) !== JSON.stringify(state.screen)) screenSince = performance.now();
    offerTongue();
    letFall(before);
    render();
  });
  events.addEventListener("backstage", (event) => {
    const last = backstage?.journal.at(-1)?.seq;
    backstage = JSON.parse(event.data);
    for (const record of backstage.journal) record.fresh = last !== undefined && record.seq > last;
    renderBehind();
  });
  events.onopen = () => { $("lost").hidden = true; };
  events.onerror = () => { $("lost").hidden = false; };
}

for (const button of document.querySelectorAll("[data-tongue]")) button.onclick = () => { setTongue(button.dataset.tongue); render(); };
for (const button of document.querySelectorAll("[data-press]")) button.onclick = () => { tongueOffered = true; press(JSON.parse(button.dataset.press)); };
for (const button of document.querySelectorAll("[data-cash]")) button.onclick = () => act({ act: "cash", minor: Number(button.dataset.cash) });
$("take-cash").onclick = () => act({ act: "take_cash" });
$("lever").onclick = () => act({ act: "lever" });
$("take-goods").onclick = () => act({ act: "take_goods" });
$("tear").onclick = () => act({ act: "tear" });
$("ideas-open").onclick = () => showIdeas($("ideas").hidden);
$("ideas-close").onclick = () => { showIdeas(false); $("ideas-open").focus(); };
for (const part of ["screen", "handset"]) {
  new IntersectionObserver((changes) => { seen[part] = changes.at(-1).isIntersecting; renderGlance(); }, { rootMargin: "0px 0px -80px" }).observe($(part));
}
setInterval(() => { tickScreen(); tickCode(); }, 500);
render();
listen();
