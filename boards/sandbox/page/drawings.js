// SPDX-License-Identifier: Apache-2.0
// Products, drawn: a shape by what the item is called, a colour by its name.
const KINDS = [
  [/shopping/i, "box"], [/\b(cola|soda|beer|coffee|can)/i, "can"], [/water|juice|tea|milk|bottle|drink/i, "bottle"],
  [/chip|crisp|cake|nut|cracker|bag/i, "bag"], [/choco|bar|gum|candy|mint/i, "bar"], [/noodle|cup|yog/i, "cup"],
  [/umbrella/i, "umbrella"], [/batter/i, "battery"], [/./, "box"],
];
// What people know by its colour: main, dark, pale.
const COLOURS = [
  [/\bcola/i, "#cf2f2b", "#4a1310", "#fbe4e1"], [/\bbeer/i, "#d79a25", "#6b430b", "#fdf3d9"], [/coffee/i, "#7a5135", "#38220f", "#f0e3d7"],
  [/juice|orange/i, "#f08c1d", "#a34f08", "#fdeed6"], [/water/i, "#8fc9ec", "#2c76ad", "#eef8fe"], [/milk/i, "#e4edf7", "#2f62b5", "#ffffff"],
  [/tea\b|green.?tea/i, "#4f9e4b", "#22592a", "#e6f4dc"], [/cake/i, "#3f76c9", "#1d3f7d", "#eef4ff"], [/choco/i, "#70412a", "#3b1f12", "#f3d9a9"], [/chip|crisp/i, "#ecb320", "#8f5f0a", "#fff6d6"],
  [/noodle/i, "#d9572f", "#8d2713", "#fdeadd"], [/batter/i, "#3b444c", "#c07f2c", "#f4f6f7"],
  [/umbrella/i, "#5a4fb0", "#322a72", "#e9e7fa"], [/tissue/i, "#63bcc0", "#226f74", "#e8f7f7"], [/gum|mint/i, "#3fb79a", "#136a58", "#e2f6f0"],
  [/bag/i, "#6aa84f", "#33642a", "#eaf5e3"],
];

function coloursOf(words) {
  const known = COLOURS.find(([pattern]) => pattern.test(words));
  if (known) return known.slice(1);
  let hue = 0;
  for (const letter of words) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  return [`hsl(${hue} 58% 52%)`, `hsl(${hue} 55% 32%)`, `hsl(${hue} 60% 92%)`];
}

const SHAPES = {
  can: (main, dark, pale) => `<rect x="13" y="6" width="22" height="50" rx="5" fill="${main}"/><rect x="13" y="20" width="22" height="20" fill="${pale}"/>
    <path d="M13 34q11-10 22 0v6H13z" fill="${dark}"/><rect x="15" y="3" width="18" height="5" rx="2" fill="#c9d1d6"/><rect x="15" y="54" width="18" height="4" rx="2" fill="#aab4bb"/>`,
  bottle: (main, dark, pale) => `<path d="M20 3h8v9c0 5 6 6 6 13v28a5 5 0 0 1-5 5H19a5 5 0 0 1-5-5V25c0-7 6-8 6-13z" fill="${main}"/>
    <rect x="19" y="1" width="10" height="6" rx="2" fill="${dark}"/><rect x="14" y="29" width="20" height="15" fill="${pale}"/><rect x="18" y="34" width="12" height="3" rx="1.5" fill="${dark}"/>`,
  bag: (main, dark, pale) => `<path d="M9 6h30l-2 6c3 14 3 26 0 40l2 5H9l2-5c-3-14-3-26 0-40z" fill="${main}"/><path d="M9 6h30l-2 5H11z" fill="${dark}"/>
    <ellipse cx="24" cy="32" rx="11" ry="12" fill="${pale}"/><path d="M17 33q7-9 14 0q-7 8-14 0z" fill="${dark}"/>`,
  bar: (main, dark, pale) => `<rect x="12" y="8" width="24" height="48" rx="3" fill="${main}"/><path d="M12 8l3-4 3 4 3-4 3 4 3-4 3 4 3-4 3 4z" fill="${dark}"/>
    <rect x="16" y="18" width="16" height="26" rx="3" fill="${pale}"/><rect x="19" y="23" width="10" height="3" rx="1.5" fill="${dark}"/><rect x="19" y="29" width="10" height="3" rx="1.5" fill="${dark}"/>`,
  cup: (main, dark, pale) => `<path d="M9 14h30l-4 40a4 4 0 0 1-4 4H17a4 4 0 0 1-4-4z" fill="${main}"/><path d="M10.500 26h27l-2 18h-23z" fill="${pale}"/>
    <rect x="7" y="9" width="34" height="6" rx="3" fill="${dark}"/><path d="M18 35q3-5 6 0t6 0" stroke="${dark}" stroke-width="2.500" fill="none" stroke-linecap="round"/>`,
  umbrella: (main, dark) => `<path d="M24 4c-4 10-7 22-7 32q7 5 14 0c0-10-3-22-7-32z" fill="${main}"/><path d="M24 4v34" stroke="${dark}" stroke-width="2"/>
    <path d="M24 38v14a5 5 0 0 1-9 0" stroke="${dark}" stroke-width="3" fill="none" stroke-linecap="round"/>`,
  battery: (main, dark, pale) => `<g><rect x="9" y="12" width="13" height="44" rx="3" fill="${main}"/><rect x="9" y="12" width="13" height="12" rx="3" fill="${dark}"/><rect x="13" y="8" width="5" height="5" fill="#aab4bb"/>
    <rect x="26" y="12" width="13" height="44" rx="3" fill="${main}"/><rect x="26" y="12" width="13" height="12" rx="3" fill="${dark}"/><rect x="30" y="8" width="5" height="5" fill="#aab4bb"/><path d="M13 38h5M29 38h7M32.500 34.500v7" stroke="${pale}" stroke-width="2"/></g>`,
  box: (main, dark, pale) => `<rect x="8" y="16" width="32" height="40" rx="3" fill="${main}"/><path d="M8 24h32v10H8z" fill="${pale}"/><path d="M17 16q7-16 14 0z" fill="#fff" stroke="${dark}" stroke-width="1.500"/>
    <rect x="15" y="42" width="18" height="3" rx="1.500" fill="${dark}"/>`,
};

/** An SVG of one product. */
export function productSvg(slot) {
  const words = `${slot.item} ${slot.name}`;
  const kind = KINDS.find(([pattern]) => pattern.test(words))[1];
  const drawn = SHAPES[kind](...coloursOf(words));
  return `<svg viewBox="0 0 48 60" aria-hidden="true" focusable="false">${drawn}</svg>`;
}
