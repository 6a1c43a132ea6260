// SPDX-License-Identifier: Apache-2.0
// Shows ESC/POS bytes as paper: text in GB18030, emphasis, size, alignment, QR codes, raster pictures, cuts. Commands
// that it does not know are skipped by their length, so that no garbage appears.
const ESC = 0x1b, GS = 0x1d, FS = 0x1c, DLE = 0x10;
const ALIGN = ["start", "center", "end"];
/** Argument bytes of commands that change nothing here. */
const SKIP_ESC = { 0x20: 1, 0x33: 1, 0x4d: 1, 0x52: 1, 0x56: 1, 0x63: 2, 0x70: 3, 0x72: 1, 0x74: 1, 0x7b: 1, 0x24: 2, 0x5c: 2, 0x42: 2, 0x44: 0 };
const SKIP_GS = { 0x42: 1, 0x48: 1, 0x4c: 2, 0x57: 2, 0x66: 1, 0x68: 1, 0x77: 1, 0x49: 1, 0x61: 1, 0x72: 1, 0x50: 2 };
const SKIP_FS = { 0x21: 1, 0x2d: 1, 0x53: 2, 0x57: 1, 0x43: 1 };

function rasterUrl(bytes, at, perRow, rows) {
  const canvas = document.createElement("canvas");
  canvas.width = perRow * 8;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#111";
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < perRow * 8; x++) {
      if (bytes[at + y * perRow + (x >> 3)] & (0x80 >> (x & 7))) context.fillRect(x, y, 1, 1);
    }
  }
  return canvas.toDataURL();
}

/** Chinese and what is as wide takes two columns, whatever the font makes of it. */
const isWide = (letter) => letter.codePointAt(0) >= 0x1100;

/** Fills `span` with `text`, and says how many columns it takes. */
function fill(span, text) {
  let columns = 0;
  for (const piece of text.match(/[\u1100-\u{10ffff}]|[\0-\u10ff]+/gu) ?? []) {
    if (!isWide(piece)) {
      span.append(piece);
      columns += piece.length;
      continue;
    }
    const wide = document.createElement("i");
    wide.textContent = piece;
    span.append(wide);
    columns += 2;
  }
  return columns;
}

/** The elements of the paper for `bytes`, and how many columns its longest line has. */
export function paperOf(bytes) {
  const decoder = new TextDecoder("gb18030");
  const paper = [];
  let style, run, row, code, columns = 0, width = 0;
  const reset = () => { style = { align: 0, bold: false, wide: 1, high: 1, underline: false }; };
  const flush = () => {
    if (run.length === 0) return;
    const span = document.createElement("span");
    width += fill(span, decoder.decode(Uint8Array.from(run))) * style.wide;
    columns = Math.max(columns, width);
    if (style.bold) span.classList.add("bold");
    if (style.underline) span.classList.add("underline");
    if (style.wide > 1 || style.high > 1) span.classList.add(style.wide > 1 ? "large" : "tall");
    row.append(span);
    run = [];
  };
  const newRow = () => { row = document.createElement("div"); row.className = "row"; width = 0; };
  const feed = () => {
    flush();
    row.style.textAlign = ALIGN[style.align];
    if (!row.firstChild) row.append("\u00a0");
    paper.push(row);
    newRow();
  };
  const picture = (source, words) => {
    flush();
    if (row.firstChild) feed();
    const block = document.createElement("div");
    block.className = "picture";
    block.style.textAlign = ALIGN[style.align];
    const image = document.createElement("img");
    image.src = source;
    image.alt = words;
    block.append(image);
    paper.push(block);
  };
  reset();
  run = [];
  newRow();
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i], next = bytes[i + 1], argument = bytes[i + 2];
    if (byte === 0x0a) {
      feed();
    } else if (byte === ESC) {
      i += 1;
      if (next === 0x40) { flush(); reset(); }
      else if (next === 0x61) { flush(); style.align = (argument & 3) % 3; i += 1; }
      else if (next === 0x45 || next === 0x47) { flush(); style.bold = (argument & 1) === 1; i += 1; }
      else if (next === 0x2d) { flush(); style.underline = (argument & 3) > 0; i += 1; }
      else if (next === 0x21) {
        flush();
        style.bold = (argument & 8) > 0; style.high = argument & 16 ? 2 : 1; style.wide = argument & 32 ? 2 : 1;
        style.underline = (argument & 128) > 0;
        i += 1;
      } else if (next === 0x64) { feed(); for (let n = 1; n < Math.min(argument, 8); n++) feed(); i += 1; }
      else if (next === 0x4a) { feed(); i += 1; }
      else i += SKIP_ESC[next] ?? 0;
    } else if (byte === GS) {
      i += 1;
      if (next === 0x21) { flush(); style.wide = (argument >> 4) + 1; style.high = (argument & 15) + 1; i += 1; }
      else if (next === 0x56) {
        flush();
        if (row.firstChild) feed();
        const cut = document.createElement("hr");
        paper.push(cut);
        i += argument >= 65 ? 2 : 1;
      } else if (next === 0x28) {
        const size = bytes[i + 2] + 256 * bytes[i + 3];
        const function_ = bytes[i + 5];
        if (argument === 0x6b && function_ === 0x50) code = new TextDecoder().decode(bytes.slice(i + 7, i + 4 + size));
        if (argument === 0x6b && function_ === 0x51 && code) picture(`qr?text=${encodeURIComponent(code)}`, code);
        i += 3 + size;
      } else if (next === 0x76) {
        const perRow = bytes[i + 3] + 256 * bytes[i + 4], rows = bytes[i + 5] + 256 * bytes[i + 6];
        if (i + 6 + perRow * rows < bytes.length && perRow > 0 && rows > 0) picture(rasterUrl(bytes, i + 7, perRow, rows), "");
        i += 6 + perRow * rows;
      } else i += SKIP_GS[next] ?? 0;
    } else if (byte === FS) {
      i += 1;
      i += SKIP_FS[next] ?? 0;
    } else if (byte === DLE) {
      i += 2;
    } else if (byte >= 0x20) {
      run.push(byte);
    }
  }
  flush();
  if (row.firstChild) feed();
  return { paper, columns };
}

/** Where the newest receipt begins on the paper in `box`: behind the last cut that something follows. */
export function newestTop(box) {
  let first = box.firstElementChild, after = false;
  for (const piece of box.children) {
    if (piece.tagName === "HR") after = true;
    else if (after) { first = piece; after = false; }
  }
  return first ? first.offsetTop - box.firstElementChild.offsetTop : 0;
}
