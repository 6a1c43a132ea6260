// SPDX-License-Identifier: Apache-2.0
// A sandbox with a firmware in it, a browser before it, and a list of cases to run.
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const SKIPPED = 4;
const PATIENCE_MS = 30_000;
export const CHROMIUM = process.env.TILLKIT_CHROMIUM ?? "/usr/bin/chromium";
export const ZBARIMG = process.env.TILLKIT_ZBARIMG ?? "/usr/bin/zbarimg";
export const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** A program that prints one line of JSON when it listens. */
async function start(program, words) {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", (status, signal) => done(status ?? signal)));
  const line = await Promise.race([new Promise((done) => createInterface(child.stdout).once("line", done)), ended.then(() => null)]);
  if (line === null) throw new Error(`${program} did not start`);
  return { child, ended, said: JSON.parse(line) };
}

export class World {
  constructor(programs) {
    this.programs = programs;
    this.folder = mkdtempSync(join(tmpdir(), "browser-"));
    this.running = [];
  }

  path(name) { return join(this.folder, name); }

  async begin({ wallet = false, books = null, plug = null, words = [] } = {}) {
    const options = ["--page-port", "0", "--planogram", join(here, "planogram.json"), "--people", join(here, "people.json"),
      "--till-socket", this.path("till.sock"), "--cash", ...words];
    if (wallet) {
      this.wallet = await start(this.programs.wallet, [this.path("wallet"), "--port", "0"]);
      this.running.push(this.wallet);
      options.push("--wallet-admin", `http://127.0.0.1:${this.wallet.said.port}`);
    }
    if (books) {
      this.writeBooks(books);
      options.push("--books", `cat ${this.path("books.json")}`);
    }
    if (plug) options.push("--plug", `127.0.0.1:0=127.0.0.1:${plug}`);
    this.sandbox = await start(this.programs.sandbox, [...options, "--", "/usr/bin/python3", join(here, "standin_firmware.py"), "{devices}",
      join(here, "planogram.json"), this.path("journal"), this.path("till.sock")]);
    this.running.push(this.sandbox);
    this.url = this.sandbox.said.page;
    await this.until((state) => state.screen?.screen === "idle", "the firmware has started");
  }

  writeBooks(books) { writeFileSync(this.path("books.json"), JSON.stringify(books)); }

  async state() { return (await fetch(`${this.url}state`)).json(); }
  async act(body) {
    const answer = await fetch(`${this.url}act`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return { status: answer.status, said: await answer.json() };
  }

  /** Lets the stand-in show a screen, or write a record, of the test's own. */
  async standIn(screen, record = null) {
    writeFileSync(this.path("stand_in.json"), JSON.stringify({ screen, record }));
    return this.act({ act: "press", press: { press: "stand_in", file: this.path("stand_in.json") } });
  }

  /** Asks again until it holds; a deadline, not a guess how long it takes. */
  async until(holds, what) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const state = await this.state();
      if (holds(state)) return state;
      if (Date.now() > deadline) throw new Error(`never: ${what}; ${JSON.stringify(state.screen)}`);
      await new Promise((done) => setTimeout(done, 30));
    }
  }

  async askWallet(path, body) {
    const answer = await fetch(`http://127.0.0.1:${this.wallet.said.port}/${path}`, { method: "POST", body: JSON.stringify(body) });
    return answer.json();
  }

  async end() {
    for (const one of this.running.reverse()) {
      one.child.kill("SIGTERM");
      await one.ended;
    }
    rmSync(this.folder, { recursive: true });
  }
}

/** What a camera reads from a picture. */
export function readCode(folder, picture) {
  const path = join(folder, "seen.png");
  writeFileSync(path, picture);
  return execFileSync(ZBARIMG, ["-q", "--raw", path], { stdio: ["ignore", "pipe", "ignore"] }).toString().trimEnd();
}

const cases = [];
export const test = (name, body) => cases.push({ name, body });

export function report(outcome, name) {
  console.log(`${outcome}: ${name}`);
  if (process.env.TILLKIT_TEST_REPORT) appendFileSync(process.env.TILLKIT_TEST_REPORT, `${outcome}\t${name}\n`);
}

/** Runs all cases: SANDBOX WALLET MODULES [part of a name]. */
export async function run() {
  const [sandbox, wallet, modules, only = ""] = process.argv.slice(2);
  const wanted = cases.filter((one) => one.name.includes(only));
  const missing = [CHROMIUM, ZBARIMG, join(modules, "playwright-core")].filter((path) => !existsSync(path));
  if (missing.length > 0) {
    console.log(`${missing.join(", ")} missing: toolchain/setup.sh --browser`);
    wanted.forEach((one) => report("skipped", one.name));
    process.exit(SKIPPED);
  }
  const { chromium } = createRequire(join(modules, "package.json"))("playwright-core");
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  let failed = 0;
  for (const { name, body } of wanted) {
    const world = new World({ sandbox, wallet });
    const contexts = [];
    const complaints = [];
    const open = async (viewport = DESKTOP, more = {}) => {
      const context = await browser.newContext({ viewport, locale: "en-US", ...more });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => { if (!request.url().startsWith(world.url) && !request.url().startsWith("data:")) complaints.push(`asks ${request.url()}`); });
      await page.goto(world.url);
      await page.waitForSelector(".slot");
      return page;
    };
    try {
      await body(world, open);
      if (complaints.length > 0) throw new Error(complaints.join("; "));
      report("passed", name);
    } catch (error) {
      failed += 1;
      report("failed", name);
      console.log(error.stack);
    }
    for (const context of contexts) await context.close();
    await world.end();
  }
  await browser.close();
  process.exit(failed > 0 ? 1 : 0);
}
