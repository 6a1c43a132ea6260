// SPDX-License-Identifier: Apache-2.0
// The whole machine in a real browser: the page, the hardware, the vending firmware, the cloud and the wallet, as
// toolchain/demo.sh starts them. One day, by clicks; in the end the four books agree.
//
// test_machine.mjs MOTORS DEMO MODULES ARGUMENT... : who turns the motors (`terminal`, or the machine's own
// `controller`), demo.py, and what stands behind it on its command line.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CHROMIUM, DESKTOP, PHONE, QUIET, SKIPPED, ZBARIMG, readCode, report } from "./stage.mjs";

const PATIENCE_MS = 120_000;
const [motors, demo, modules, ...programs] = process.argv.slice(2);
const key = (name) => `[data-key="${name}"]`;
const DAY = motors === "terminal" ? "a day of the vending machine, by clicks, ends with equal books"
  : "a day of a machine with a controller of its own, by clicks, ends with equal books";

async function startDemo() {
  const child = spawn("/usr/bin/python3", [demo, ...programs], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", (status) => done(status)));
  const address = new Promise((done) => createInterface(child.stdout).on("line", (line) => {
    const found = line.match(/^Open {2}(\S+)$/);
    if (found) done(found[1]);
  }));
  const url = await Promise.race([address, ended.then(() => null)]);
  if (url === null) throw new Error("the demo did not start");
  return { child, ended, url };
}

/** What is read of the machine, beside the page. */
function eyes(page, url) {
  const state = async () => (await fetch(`${url}state`)).json();
  const fallen = async () => (await state()).cabinet.slots.reduce((sum, slot) => sum + slot.fallen, 0);
  const until = async (holds, what) => {
    for (const deadline = Date.now() + PATIENCE_MS; ; await new Promise((done) => setTimeout(done, 100))) {
      const now = await state();
      if (holds(now)) return;
      if (Date.now() > deadline) throw new Error(`never: ${what}; ${JSON.stringify(now.screen)}`);
    }
  };
  const screen = (name) => until((now) => now.screen?.screen === name, name);
  const agree = () => page.waitForSelector('#light[data-light="equal"]');
  const ready = () => screen("idle");
  return { state, fallen, until, screen, agree, ready };
}

/** The keys are the machine's own: it asks for a price, and the terminal says whether it is paid. */
async function controllerDay(page, url) {
  const { fallen, screen, agree, ready } = eyes(page, url);

  const choose = async (slot) => {
    await page.click(key(slot));
    await page.waitForSelector("#screen-body .rows");
  };

  // A stranger pays, and the controller turns its motor.
  await page.click(key("li"));
  await choose("slot12");
  await page.click(key("hold"));
  await screen("thank_you");
  await page.waitForSelector("#take-goods:enabled");
  assert.equal(await fallen(), 1);
  await ready();

  // A coupon on a machine that knows nothing of coupons: approved below its price.
  await page.click(key("mei"));
  await choose("slot21");
  await page.waitForSelector("#screen-body .amount:text('¥11.61')");
  await page.click(key("hold"));
  await page.waitForSelector("#screen-body .amount:text('¥8.61')");
  await screen("thank_you");
  await ready();

  // Somebody thinks again.
  await choose("slot13");
  await page.click("#lever");
  await ready();

  // The controller says that its motor sticks: the money comes back.
  await page.selectOption(key("jam-which"), "14");
  await page.click(key("jam"));
  await choose("slot14");
  await page.click(key("hold"));
  await screen("not_completed");
  await ready();
  assert.equal(await fallen(), 2);

  // What the terminal would see of its own motors is not there to be broken.
  assert.equal(await page.locator(key("blind")).count(), 0);
  await agree();
}

async function day(page, url, folder) {
  const { state, fallen, until, screen, agree, ready } = eyes(page, url);
  assert.equal(await page.locator("#lever").isVisible(), false);

  // A stranger pays, and the goods fall.
  await page.click(key("li"));
  await page.click(key("slot12"));
  await screen("basket");
  await page.click(key("hold"));
  await screen("thank_you");
  assert.equal(await fallen(), 1);
  await ready();
  await agree();
  await page.waitForSelector(`${key("li")} small:text("Member")`);
  await page.waitForSelector("#handset .points:text-matches('[1-9][0-9]* points')");

  // A member: her code says who she is; her coupon takes 3.00 off before it is paid.
  await page.click(key("mei"));
  await page.click(key("slot21"));
  await page.click(key("slot11"));
  await page.waitForSelector("#screen-body .amount:text('¥15.11')");
  await page.click(key("hold"));
  await page.waitForSelector("#screen-body .amount:text('¥12.11')");
  await screen("thank_you");
  assert.equal(await fallen(), 3);
  await page.waitForSelector("#paper :text('谢谢惠顾')");
  await ready();

  // The code on the screen is the terminal's own, as a camera reads it.
  await page.click(key("wang"));
  await page.click(key("slot13"));
  await page.click(key("pay_qr"));
  const image = await page.waitForSelector("#screen-body img.qr");
  await image.evaluate((one) => one.decode());
  assert.equal(readCode(folder, await page.locator("#screen").screenshot()), (await state()).screen.qr);
  await page.click(key("scan"));
  await screen("thank_you");
  await ready();

  // Power goes while the wallet waits for the password: paid once, handed over once.
  await page.click(key("mei"));
  await page.click(key("want_password"));
  await page.click(key("slot22"));
  await screen("basket");
  await page.click(key("hold"));
  await page.waitForSelector(key("password"));
  await page.click(key("cut_power"));
  await page.waitForSelector("#screen.off");
  await page.click(key("password"));
  await page.click(key("cut_power"));
  await until((now) => now.cabinet.slots.find((slot) => slot.slot === 22).fallen === 1, "it falls, once");
  await page.click(key("want_password"));
  await ready();

  // A jam: the money comes back.
  await page.selectOption(key("jam-which"), "14");
  await page.click(key("jam"));
  await page.click(key("slot14"));
  await screen("basket");
  await page.click(key("hold"));
  await screen("not_completed");
  await ready();
  assert.equal(await fallen(), 5);

  // Whoever frees the motor gives the slot back to the terminal.
  await page.waitForSelector(key("clear14"));
  await page.click(key("jam"));
  await page.waitForSelector(key("clear14"), { state: "detached" });
  await page.click(key("slot14"));
  await screen("basket");
  await page.click(key("hold"));
  await screen("thank_you");
  assert.equal(await fallen(), 6);
  await ready();

  // A covered sensor: nobody could see what fell. Known, until a technician has looked.
  await page.click(key("blind"));
  await page.click(key("slot33"));
  await screen("basket");
  await page.click(key("hold"));
  await screen("not_completed");
  await ready();
  await page.waitForSelector('#light[data-light="known"]');
  await page.click(key("blind"));
  await page.click(key("refill"));
  await agree();

  // No network: said at once; nothing is taken.
  await page.click(key("cut_network"));
  await page.click(key("slot12"));
  await screen("basket");
  await page.click(key("hold"));
  await screen("refused");
  await page.click(key("cancel"));
  await ready();

  // A member's card, and what was set apart for this machine beforehand.
  await page.click(key("slot12"));
  await screen("basket");
  await page.click(key("card"));
  await page.click(key("pay_value"));
  await screen("thank_you");
  await page.click(key("cut_network"));
  await ready();
  await agree();
}

async function main() {
  const missing = [CHROMIUM, ZBARIMG, join(modules, "playwright-core")].filter((path) => !existsSync(path));
  if (missing.length > 0) {
    console.log(`${missing.join(", ")} missing: toolchain/setup.sh --browser`);
    report("skipped", DAY);
    return SKIPPED;
  }
  const { chromium } = createRequire(join(modules, "package.json"))("playwright-core");
  const folder = mkdtempSync(join(tmpdir(), "browser-"));
  const machine = await startDemo();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  let status = 0;
  try {
    const page = await (await browser.newContext({ viewport: DESKTOP, locale: "en-US" })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(machine.url);
    await page.waitForSelector(".slot");
    await (motors === "terminal" ? day : controllerDay)(page, machine.url, folder);
    const phone = await (await browser.newContext({ viewport: PHONE, locale: "zh-CN" })).newPage();
    await phone.goto(machine.url);
    await phone.waitForSelector('#light[data-light="equal"]');
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    const pictures = process.env.TILLKIT_PICTURES;
    if (pictures) {
      await page.screenshot({ path: join(pictures, "desktop.png") });
      await phone.screenshot({ path: join(pictures, "phone.png"), fullPage: true });
    }
    assert.deepEqual(complaints, []);
    report("passed", DAY);
  } catch (error) {
    status = 1;
    report("failed", DAY);
    console.log(error.stack);
  }
  await browser.close();
  machine.child.kill("SIGTERM");
  assert.equal(await machine.ended, 0);
  rmSync(folder, { recursive: true });
  return status;
}

process.exit(await main());
