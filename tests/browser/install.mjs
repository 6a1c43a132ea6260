// SPDX-License-Identifier: Apache-2.0
// Installs the browser test's one package, of the locked version, into a folder of the build: install.mjs FOLDER.
// Nothing to do: nothing is asked of anybody.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [folder] = process.argv.slice(2);
const wanted = JSON.parse(readFileSync(join(here, "package.json"))).dependencies["playwright-core"];
const found = join(folder, "node_modules/playwright-core/package.json");
if (existsSync(found) && JSON.parse(readFileSync(found)).version === wanted) process.exit(0);
mkdirSync(folder, { recursive: true });
for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(here, name), join(folder, name));
execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });
