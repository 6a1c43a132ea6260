// SPDX-License-Identifier: Apache-2.0
// The sandbox's page in a real browser. A small stand-in is in the firmware's place (standin_firmware.py).
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { DESKTOP, PHONE, readCode, run, test } from "./stage.mjs";

const QR = "https://wallet.example/pay/5ab0f3c2d1e4a697";
const SIZES = [["desktop", DESKTOP], ["phone", PHONE]];
const EQUAL = { equal: true, differences: [], books: [{ name: "cloud", lines: ["sale 1"] }] };
const WINDOWS = [{ width: 1024, height: 768 }, { width: 1280, height: 800 }, { width: 1366, height: 768 }, DESKTOP, PHONE];
const SALES = [
  { sale: 7, journal: { minor: 1211, state: "closed" }, cloud: { state: "closed" }, wallet: { minor: 1211 }, goods: { out: 2, perhaps: 0 }, equal: true },
  { sale: 9, journal: { minor: 380, state: "undone" }, cloud: null, wallet: null, goods: { out: 0, perhaps: 1 }, equal: false },
];

const stock = (state, slot) => state.cabinet.slots.find((one) => one.slot === slot).stock;
const key = (name) => `[data-key="${name}"]`;

/**
 * Where things are on the page, however far it is scrolled. Found and measured in one step: between two steps the page
 * may put others in their place, and what is no longer on it has no size.
 */
const places = (page, what) => page.evaluate((selector) => [...document.querySelectorAll(selector)].map((one) => {
  const box = one.getBoundingClientRect();
  return [one.dataset.key, ...[box.left + scrollX, box.top + scrollY, box.width, box.height].map(Math.round)];
}), what);

for (const [size, viewport] of SIZES) {
  test(`on a ${size} a product is chosen, paid with the phone, falls, and has a receipt`, async (world, open) => {
    await world.begin();
    const page = await open(viewport);

    await page.click(key("slot12"));
    await page.waitForSelector("#screen-body .amount:text('¥5.00')");
    await page.click(key("hold"));
    await page.waitForSelector("#take-goods:not([disabled])");

    assert.equal(stock(await world.state(), 12), 4);
    await page.waitForSelector("#screen-body :text('Thank you!')");
    await page.waitForSelector("#paper :text('谢谢惠顾')");
    await page.click("#take-goods");
    await page.waitForSelector("#take-goods[disabled]");
  });

  test(`on a ${size} a camera reads the code on the screen, and the one on the receipt`, async (world, open) => {
    await world.begin();
    const page = await open(viewport, { deviceScaleFactor: 2 });

    await page.click(key("slot11"));
    await page.click(key("pay_qr"));
    const code = await page.waitForSelector("#screen-body img.qr");
    await code.evaluate((image) => image.decode());
    assert.equal(readCode(world.folder, await page.locator("#screen").screenshot()), QR);
    await page.waitForSelector("#screen-clock :text(' s left')");

    await page.click(key("hold"));
    const printed = await page.waitForSelector("#paper img");
    await printed.evaluate((image) => image.decode());
    assert.equal(readCode(world.folder, await page.locator("#paper .picture").screenshot()), QR);
  });

  test(`on a ${size} nothing is wider than the window, in both languages`, async (world, open) => {
    await world.begin({ wallet: true, books: EQUAL });
    const page = await open(viewport);
    for (const tongue of ["zh-CN", "en"]) {
      await page.click(`[data-tongue="${tongue}"]`);
      await page.click(key("slot31"));
      await page.waitForSelector(key("cancel"));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width, tongue);
      assert.equal(await page.evaluate(() => document.documentElement.lang), tongue);
    }
  });
}

for (const viewport of WINDOWS) {
  test(`at ${viewport.width} x ${viewport.height} every price can be read as a whole`, async (world, open) => {
    await world.begin();
    const page = await open(viewport);
    for (const tongue of ["zh-CN", "en"]) {
      await page.click(`[data-tongue="${tongue}"]`);

      const cut = await page.evaluate(() => [...document.querySelectorAll(".price")].filter((price) => {
        const box = price.getBoundingClientRect(), slot = price.closest(".slot").getBoundingClientRect();
        return price.clientWidth === 0 || price.scrollWidth > price.clientWidth || box.right > slot.right || box.height > 26;
      }).map((price) => price.textContent));

      assert.deepEqual(cut, [], tongue);
    }
  });
}

for (const [size, viewport] of SIZES) {
  test(`on a ${size} nothing moves under the finger while somebody buys`, async (world, open) => {
    await world.begin({ wallet: true });
    const page = await open(viewport);
    const steady = `${key("hold")}, ${key("scan")}, #faults button, #faults select`;
    await page.waitForSelector(`${key("hold")}:enabled`);
    const before = await places(page, steady);
    const unmoved = async (when) => assert.deepEqual(await places(page, steady), before, when);

    await page.click(key("slot31"));
    await page.waitForSelector(key("pay_qr"));
    await unmoved("chosen");
    await page.click(key("pay_qr"));
    await page.waitForSelector("#screen-body img.qr");
    await unmoved("a code on the screen");
    await page.click(key("hold"));
    await page.waitForSelector("#screen-clock:not([hidden])");
    await unmoved("handing over");
    await page.waitForSelector("#paper hr");
    await unmoved("with a receipt");
    await page.waitForSelector("#screen-body :text('Please choose a product.')");
    await unmoved("idle again");
  });
}

test("the phone's buttons stay where they are when somebody else shops, or a password is asked", async (world, open) => {
  await world.begin({ wallet: true });
  const page = await open();
  const buttons = `${key("hold")}, ${key("scan")}`;
  await page.waitForSelector(`${key("hold")}:enabled`);
  const before = await places(page, buttons);
  const words = await page.textContent("#renew");

  // As it is painted at once, before the wallet has said a code.
  await page.evaluate(() => {
    globalThis.painted = [];
    new MutationObserver(() => globalThis.painted.push([document.querySelector("#renew").textContent, Math.round(document.querySelector('[data-key="hold"]').getBoundingClientRect().top + scrollY)]))
      .observe(document.querySelector("#handset"), { childList: true });
  });
  await page.click(key("tom"));
  await page.waitForSelector(`${key("hold")}:enabled`);
  const painted = await page.evaluate(() => globalThis.painted);
  assert.ok(painted.length > 1, "without a code, then with one");
  assert.deepEqual([...new Set(painted.map(([, top]) => top))], [before[0][2]]);
  assert.ok(painted.every(([renew]) => renew.startsWith(words.split(" · ")[0])), `${painted}`);

  await world.act({ act: "wallet", password: true });
  const code = (await world.act({ act: "code", person: "tom" })).said.code;
  await world.askWallet("charge", { merchant: "acme", order: "T07K00000001A5QZ8N2C4V6B9M1X3", amount: { minor: 350, currency: "CNY" }, wallets: ["alipay"], code });
  await page.waitForSelector(".sheet :text('¥3.50')");
  assert.deepEqual(await places(page, buttons), before);
});

test("a long basket scrolls on a screen that does not grow", async (world, open) => {
  await world.begin();
  const page = await open();
  const [before] = await places(page, "#casing");
  const rows = Array.from({ length: 12 }, (_, i) => ({ name: `Row ${i}`, quantity: 1, unit: "piece", list: { minor: 100, text: "¥1.00" }, net: { minor: 100, text: "¥1.00" } }));
  const total = { minor: 1200, currency: "CNY", text: "¥12.00" };
  await world.standIn({ screen: "basket", text: "Choose more, or pay.", rows, total, as_member: total, points: 12, member: false });

  await page.waitForSelector(".rows li:nth-child(12)");

  assert.deepEqual((await places(page, "#casing"))[0], before);
  const { height, room, end } = await page.evaluate(() => {
    const list = document.querySelector(".rows");
    return { height: list.scrollHeight, room: list.clientHeight, end: list.scrollTop };
  });
  assert.ok(height > room && room > 40 && end > 0, `${height} ${room} ${end}`);
  const cancel = await page.evaluate((selector) => document.querySelector(selector).getBoundingClientRect().bottom, key("cancel"));
  assert.ok(cancel <= await page.evaluate(() => document.querySelector("#screen").getBoundingClientRect().bottom));
  assert.equal(await page.getByRole("group", { name: "Become a member" }).getByRole("button").count(), 2);
});

test("the newest receipt is seen from its top, and tall letters cover nothing", async (world, open) => {
  await world.begin();
  const page = await open();
  for (const slot of ["slot11", "slot12"]) {
    await page.click(key(slot));
    await page.click(key("hold"));
    await page.waitForSelector(`#paper hr >> nth=${slot === "slot11" ? 0 : 1}`);
    await page.waitForSelector("#screen-body :text('Please choose a product.')");
  }

  const seen = await page.evaluate(() => {
    const paper = document.querySelector("#paper"), top = paper.getBoundingClientRect().top;
    const heads = [...paper.querySelectorAll(".large")].map((head) => Math.round(head.getBoundingClientRect().top - top));
    const tall = paper.querySelector(".tall"), line = tall.closest(".row");
    return { height: paper.clientHeight, heads, over: line.previousElementSibling.getBoundingClientRect().bottom - tall.getBoundingClientRect().top };
  });

  assert.ok(seen.heads[0] < 0 && seen.heads[1] >= 0 && seen.heads[1] < 40, `${seen.heads}`);
  assert.ok(seen.height >= 200, `${seen.height}`);
  assert.ok(seen.over <= 0.5, `${seen.over}`);
});

test("the receipt shows its emphasis, its size and its cut", async (world, open) => {
  await world.begin();
  const page = await open();

  await page.click(key("slot11"));
  await page.click(key("hold"));
  await page.waitForSelector("#paper hr");

  assert.equal(await page.textContent("#paper .bold.large"), "街角小店");
  assert.match(await page.textContent("#paper"), /可乐 +￥3\.50/);
  const ends = await page.evaluate(() => [...document.querySelectorAll("#paper .row")].filter((row) => /￥|---/.test(row.textContent)).map((row) => row.lastChild.getBoundingClientRect().right));
  assert.ok(ends.length === 2 && Math.abs(ends[0] - ends[1]) < 2, `amounts stand in line: ${ends}`);
  assert.equal(await page.$eval("#paper", (paper) => paper.scrollWidth - paper.clientWidth), 0);
  await page.click("#tear");
  await page.waitForSelector("#paper .empty");
});

test("a stuck motor is seen, the money goes back, and whoever frees it lets the machine sell on", async (world, open) => {
  await world.begin();
  const page = await open();

  await page.selectOption(key("jam-which"), "13");
  await page.click(key("jam"));
  await page.waitForSelector(`${key("slot13")}.jammed :text('stuck')`);
  await page.click(key("slot13"));
  await page.click(key("hold"));
  await page.waitForSelector("#screen-body :text('on its way back')");
  assert.equal(stock(await world.state(), 13), 8);
  await page.waitForSelector(key("clear13"));

  await page.click(key("jam"));
  await page.waitForSelector(key("clear13"), { state: "detached" });
  await page.waitForSelector(`${key("slot13")}:not(.jammed)`);
  await page.click(key("slot13"));
  await page.click(key("hold"));
  await world.until((state) => stock(state, 13) === 7, "it falls");
});

test("a slot that only the terminal holds blocked is seen, and cleared by a technician", async (world, open) => {
  await world.begin();
  const page = await open();
  await world.act({ act: "jam", slot: 13, on: true });
  await page.click(key("slot13"));
  await page.click(key("hold"));
  await page.waitForSelector("#screen-body :text('on its way back')");
  await page.waitForSelector(key("clear13"));
  await page.click(key("cut_power"));
  await page.waitForSelector("#screen.off");
  await world.act({ act: "jam", slot: 13, on: false }); // a terminal that is off hears nothing of it
  assert.deepEqual((await world.act({ act: "clear", slot: 13 })).said, { error: "the machine is off", code: "machine_off" });

  await page.waitForSelector(`${key("slot13")}.jammed :text('out of service')`);
  assert.equal(await page.getByRole("button", { name: "Slot 13: Green tea, ¥4.00, out of service" }).count(), 1);
  await page.click(key("cut_power"));
  await page.waitForSelector("#screen-body :text('Please choose a product.')");
  await page.click(key("refill"));

  await page.waitForSelector(`${key("slot13")}:not(.jammed)`);
});

test("whoever pulls the power ends the firmware, and finds goods, paper and journal as they were", async (world, open) => {
  await world.begin();
  const page = await open();
  await page.click(key("slot11"));
  await page.click(key("hold"));
  await page.waitForSelector("#paper hr");
  const before = await world.state();

  await page.click(key("cut_power"));
  await page.waitForSelector("#screen.off :text('The machine is off.')");
  assert.throws(() => process.kill(before.firmware.pid, 0), /ESRCH/);
  await page.click(key("cut_power"));
  await page.waitForSelector("#screen-body :text('Please choose a product.')");

  const after = await world.state();
  assert.notEqual(after.firmware.pid, before.firmware.pid);
  assert.equal(stock(after, 11), stock(before, 11));
  assert.equal(after.printer.bytes, before.printer.bytes);
  await page.waitForFunction(() => document.querySelectorAll("#book li").length === 4);
});

test("firmware that dies by itself is started again", async (world) => {
  await world.begin();
  const before = await world.state();

  process.kill(before.firmware.pid, "SIGKILL");

  const after = await world.until((state) => state.firmware.starts === 2 && state.screen?.screen === "idle", "it starts again");
  assert.notEqual(after.firmware.pid, before.firmware.pid);
});

test("the sandbox ends together with its firmware", async (world) => {
  await world.begin();
  const { firmware } = await world.state();

  world.sandbox.child.kill("SIGTERM");

  assert.equal(await world.sandbox.ended, 0);
  assert.throws(() => process.kill(firmware.pid, 0), /ESRCH/);
});

test("coins are counted, change comes out, and a dark machine keeps none", async (world, open) => {
  await world.begin();
  const page = await open();
  await page.click(key("slot11"));
  await page.waitForSelector(key("cancel"));

  await page.click('[data-cash="500"]');
  await page.click("#take-cash:text('¥1.50')");
  await page.waitForSelector("#take-cash[disabled]");
  assert.deepEqual((await world.state()).cash, { inserted: 500, paid_out: 150, tray: 0 });

  await page.click(key("cut_power"));
  await page.waitForSelector("#screen.off");
  await page.click('[data-cash="100"]');
  await page.waitForSelector("#take-cash:text('¥1.00')");
  assert.equal((await world.state()).cash.inserted, 500);
});

test("the machine and the page each have their own language", async (world, open) => {
  await world.begin();
  const page = await open();

  await page.click('.machine-tongue [lang="zh-CN"]');
  await page.waitForSelector("#screen-body :text('请选择商品')");
  assert.equal(await page.getAttribute("#screen", "lang"), "zh-CN");
  assert.equal(await page.textContent("#machine-title"), "Machine");
  await page.click('[data-tongue="zh-CN"]');

  assert.equal(await page.textContent("#machine-title"), "售货机");
  assert.match(await page.textContent("#glass"), /可乐/);
});

test("whoever opens the page finds an idle machine in their own language; a machine in use stays as it is", async (world, open) => {
  await world.begin();
  const page = await open(DESKTOP, { locale: "zh-CN" });
  await page.waitForSelector("#screen-body :text('请选择商品')");

  await page.click(key("slot11"));
  await page.waitForSelector(key("pay_qr"));
  const other = await open(DESKTOP, { locale: "en-US" });
  await other.waitForSelector(key("pay_qr"));
  assert.equal((await world.state()).screen.language, "zh-CN");
  await other.click(key("cancel"));

  await other.waitForSelector("#screen-body :text('Please choose a product.')");
  assert.equal(await page.textContent("#machine-title"), "售货机");
});

test("what is refused is told in the page's language", async (world, open) => {
  await world.begin();
  const page = await open(DESKTOP, { locale: "zh-CN" });
  await page.click(key("cut_power"));
  await page.waitForSelector("#screen.off");

  await page.click(key("slot11"));

  await page.waitForSelector("#toast:text('售货机已断电。')");
});

test("a sale is possible with the keyboard alone", async (world, open) => {
  await world.begin();
  const page = await open();
  const goTo = async (name) => {
    for (let tabs = 0; tabs < 80; tabs++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement?.dataset.key) === name) return;
    }
    assert.fail(`${name} is not reached`);
  };

  await goTo("slot11");
  await page.keyboard.press("Enter");
  await page.waitForSelector(key("pay_qr"));
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "slot11");
  await goTo("hold");
  await page.keyboard.press("Space");

  await world.until((state) => stock(state, 11) === 7, "it falls");

  await goTo("cut_network");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`${key("cut_network")}.broken`);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "cut_network");
});

test("whoever listens instead of looking finds names for everything, and is told what changes", async (world, open) => {
  await world.begin({ wallet: true, books: EQUAL });
  const page = await open();
  await page.click(key("slot11"));
  await page.waitForSelector(key("pay_qr"));

  const nameless = await page.evaluate(() => [...document.querySelectorAll("button, a, select, [tabindex='0'], section, nav")].filter((one) => {
    const named = one.getAttribute("aria-label") || one.getAttribute("aria-labelledby") || one.textContent.trim();
    return one.offsetParent !== null && !named;
  }).map((one) => one.outerHTML));
  assert.deepEqual(nameless, []);
  assert.deepEqual(await page.evaluate(() => [...document.images].filter((image) => !image.hasAttribute("alt")).length), 0);
  for (const landmark of ["banner", "main", "navigation"]) assert.equal(await page.getByRole(landmark).count(), 1, landmark);
  assert.equal(await page.getByRole("region", { name: "The machine's screen" }).count(), 1);
  assert.equal(await page.getByRole("button", { name: "Slot 11: Cola, ¥3.50, 8 left" }).count(), 1);
  assert.equal(await page.getAttribute("#screen-body", "aria-live"), "polite");
});

test("whoever wants no motion sees none", async (world, open) => {
  await world.begin();
  const page = await open(DESKTOP, { reducedMotion: "reduce" });
  await page.evaluate(() => {
    globalThis.fell = 0;
    new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => { globalThis.fell += node.className === "falling"; }))).observe(document.body, { childList: true });
  });

  await page.click(key("slot11"));
  await page.click(key("hold"));
  await page.waitForSelector("#screen-clock:not([hidden])");
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await page.waitForSelector("#take-goods:not([disabled])");

  assert.equal(await page.evaluate(() => globalThis.fell), 0);
});

test("a product falls before everybody's eyes", async (world, open) => {
  await world.begin();
  const page = await open();
  await page.click(key("slot11"));
  await page.click(key("hold"));

  await page.waitForSelector(`${key("slot11")}.turning`);
  await page.waitForSelector(".falling svg", { state: "attached" });
});

test("books that agree, wait or differ are a light with words", async (world, open) => {
  await world.begin({ books: EQUAL });
  const page = await open();
  await page.waitForSelector('#light[data-light="equal"] :text("All books agree")');

  world.writeBooks({ equal: false, under_way: true, differences: ["sale 2 is not at the cloud yet"], books: [] });
  await world.act({ act: "take_goods" });
  await page.waitForSelector('#light[data-light="under_way"]');
  world.writeBooks({ equal: false, differences: ["the wallet charged ¥3.50 for order 7, the journal does not know it"], books: [] });
  await world.act({ act: "take_goods" });

  await page.waitForSelector('#light[data-light="differ"] :text("Books differ")');
  await page.waitForSelector("#verdict li:text('the wallet charged ¥3.50 for order 7')");
});

test("a known difference is a light of its own, and differences are told in the page's language", async (world, open) => {
  const unseen = { code: "unseen", values: { slot: 11, count: 1 }, words: "slot 11: 1 fell" };
  await world.begin({ books: { equal: false, under_way: false, differences: [], findings: [], known: [unseen], books: [] } });
  const page = await open(DESKTOP, { locale: "zh-CN" });
  await page.waitForSelector('#light[data-light="known"] :text("已知差异")');
  await page.waitForSelector("#verdict li:text('11 号货道：传感器被遮住时掉落 1 件，未能察觉。')");

  const findings = [{ code: "sale", values: { terminal: "V1", sale: 9, here: "closed", there: null }, words: "w" },
    { code: "order", values: { order: "V1X", here: 350, there: 700 }, words: "w" }, { code: "new", values: {}, words: "something new" }];
  world.writeBooks({ equal: false, under_way: false, differences: ["w", "w", "something new"], findings, known: [unseen], books: [] });
  await world.act({ act: "take_goods" });
  await page.waitForSelector('#light[data-light="differ"]');

  assert.deepEqual(await page.$$eval("#verdict li", (lines) => lines.map((line) => line.textContent)), ["交易 9：流水为已完成，云端为无记录。",
    "订单 V1X：流水 ¥3.50，钱包 ¥7.00。", "something new", "11 号货道：传感器被遮住时掉落 1 件，未能察觉。"]);
  await page.click('[data-tongue="en"]');
  await page.waitForSelector("#verdict li:text('Sale 9: closed in the journal, nothing in the cloud.')");
});

test("each sale is one line, with what the four books say of it", async (world, open) => {
  await world.begin({ books: { ...EQUAL, equal: false, under_way: true, sales: SALES } });
  const page = await open();

  await page.waitForSelector("#book table");

  assert.equal(await page.getAttribute(key("sales"), "aria-selected"), "true");
  assert.deepEqual(await page.$$eval("#book th[scope=col]", (heads) => heads.map((head) => head.textContent)), ["Sale", "Journal", "Cloud", "Wallet", "Goods", "Agree?"]);
  const rows = await page.$$eval("#book tbody tr", (lines) => lines.map((line) => [...line.cells].map((cell) => cell.textContent)));
  assert.deepEqual(rows, [["#9", "¥3.80 undone", "–", "–", "0 (+1?)", "…under way"], ["#7", "¥12.11 closed", "closed", "¥12.11", "2", "✓agree"]]);
  await page.click('[data-tongue="zh-CN"]');
  await page.waitForSelector("#book tbody :text('¥12.11 已完成')");
  await page.click(key("journal"));
  await page.waitForSelector("#book :text('boot')");
});

test("a record says in words what happened, and shows itself to whoever opens it", async (world, open) => {
  await world.begin();
  const page = await open();
  await world.standIn(null, { kind: "payment.attempt_paid", sale: 7, attempt: 5, payer_wallet: 1 });

  await page.waitForSelector("#book :text('The wallet has paid')");
  const line = page.locator("#book li", { hasText: "The wallet has paid" });
  assert.match(await line.locator("summary").innerText(), /The wallet has paid\s*#7/);
  assert.doesNotMatch(await line.locator("summary").innerText(), /payer_wallet|attempt/);
  assert.equal(await line.locator("pre").isVisible(), false);
  await line.locator("summary").focus();
  await page.keyboard.press("Enter");
  await line.locator("pre", { hasText: '"payer_wallet": 1' }).waitFor();

  await world.standIn(null, { kind: "fulfilment.vend_ended", sale: 7, units: [1, 2], state: 3 });
  await page.waitForSelector("#book :text('1 of 2 came out')");
  assert.equal(await line.locator("pre").isVisible(), true);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
  await page.click('[data-tongue="zh-CN"]');
  await page.waitForSelector("#book :text('钱包已付款')");
});

test("whoever is new here is told what to try, and is led to it", async (world, open) => {
  await world.begin({ wallet: true });
  const page = await open();
  assert.equal(await page.title(), "tillkit sandbox");
  assert.equal(await page.locator("#ideas li").count(), 4);
  assert.deepEqual(await page.$$eval("#faults button", (buttons) => buttons.filter((button) => !button.title).map((button) => button.textContent)), []);

  await page.click(key("idea_network"));
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "cut_network");
  await page.click("#ideas-close");
  await page.waitForSelector("#ideas", { state: "hidden" });
  await page.reload();
  await page.waitForSelector(".slot");
  assert.equal(await page.isVisible("#ideas"), false);
  await page.click("#ideas-open");
  await page.waitForSelector("#ideas li");
});

test("on a phone, whoever has chosen is led to where it is paid", async (world, open) => {
  await world.begin();
  const page = await open(PHONE);
  assert.equal(await page.isVisible("#glance-pay"), false);

  await page.click(key("slot11"));
  await page.click("#glance-pay:text('Pay')");

  await page.waitForFunction(() => document.querySelector("#phone").getBoundingClientRect().top < innerHeight / 2);
  await page.waitForSelector("#glance-pay", { state: "hidden" });
  await page.click(key("hold"));
  await page.waitForSelector("#glance:has-text('Your product is coming.')");
});

test("the journal grows on the page as it is written", async (world, open) => {
  await world.begin();
  const page = await open();
  await page.waitForSelector("#book :text('boot')");

  await page.click(key("slot11"));
  await page.click(key("hold"));

  await page.waitForSelector("#book .fresh :text('sale_paid')");
  await page.waitForSelector("#book :text('goods_out')");
});

test("the wallet asks the phone for a password, and tells it what was paid", async (world, open) => {
  await world.begin({ wallet: true });
  const page = await open();
  await page.click(key("want_password"));
  await page.waitForSelector(`${key("want_password")}.broken`);
  await world.act({ act: "wallet", password: true }); // answers when the wallet has heard it
  const code = (await world.act({ act: "code", person: "mei" })).said.code;

  const charge = { merchant: "acme", order: "T07K00000001A5QZ8N2C4V6B9M1X3", amount: { minor: 350, currency: "CNY" }, wallets: ["wechat_pay"], code };
  assert.equal((await world.askWallet("charge", charge)).why, "password");
  await page.waitForSelector(".sheet :text('¥3.50')");
  await page.click(key("password"));

  await page.waitForSelector(".notices :text('Paid ¥3.50')");
  assert.equal((await world.askWallet("query", { merchant: charge.merchant, order: charge.order })).outcome, "paid");
  await page.waitForSelector(".sheet", { state: "detached" });
});

test("a refused password is a no, and nothing is paid", async (world, open) => {
  await world.begin({ wallet: true });
  const page = await open();
  await world.act({ act: "wallet", password: true });
  const code = (await world.act({ act: "code", person: "mei" })).said.code;
  const charge = { merchant: "acme", order: "T07K00000001A5QZ8N2C4V6B9M1X3", amount: { minor: 350, currency: "CNY" }, wallets: ["wechat_pay"], code };
  await world.askWallet("charge", charge);

  await page.click(key("no-password"));

  await page.waitForSelector(".sheet", { state: "detached" });
  assert.equal((await world.askWallet("query", { merchant: charge.merchant, order: charge.order })).outcome, "declined");
  assert.deepEqual((await world.state()).movements, []);
});

test("a pulled network holds what is under way, and lets it go on when it is back", async (world) => {
  let asked = 0;
  const cloud = createServer((_, answer) => { asked += 1; answer.end("here"); });
  await new Promise((done) => cloud.listen(0, "127.0.0.1", done));
  await world.begin({ plug: cloud.address().port });
  const address = `http://${world.sandbox.said.plug}/`;
  assert.equal(await (await fetch(address)).text(), "here");

  await world.act({ act: "network", plugged: false });
  let answered = false;
  const waiting = fetch(address).then((answer) => answer.text()).then((text) => { answered = true; return text; });
  await world.until((state) => state.network === false, "it is pulled");
  for (let looks = 0; looks < 50; looks++) await world.state();  // time enough for a plug that leaks
  assert.deepEqual([asked, answered], [1, false]);
  await world.act({ act: "network", plugged: true });

  assert.equal(await waiting, "here");
  cloud.closeAllConnections();
  cloud.close();
});

test("an act that nobody can do is refused and told why", async (world) => {
  await world.begin();

  assert.equal((await world.act({ act: "dance" })).status, 400);
  assert.equal((await world.act({ act: "jam", slot: 99, on: true })).status, 404);
  assert.equal((await world.act({ act: "code", person: "nobody" })).status, 404);
  assert.equal((await world.act({ act: "pay_qr", person: "mei", qr: QR })).status, 409);
  const form = await fetch(`${world.url}act`, { method: "POST", headers: { "Content-Type": "text/plain" }, body: '{"act":"power","on":false}' });
  assert.equal(form.status, 415);
  const long = await fetch(`${world.url}act`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ act: "scan", code: "x".repeat(20_000) }) });
  assert.equal(long.status, 413);
  assert.equal((await world.state()).power, true);
});

await run();
