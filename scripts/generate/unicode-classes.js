// compiler/tables/unicode-classes.generated.ts: the general categories and scripts of Unicode and its simple case folding,
// as Node's own Unicode data (ICU) have them.

export const output = 'compiler/tables/unicode-classes.generated.ts';

/** Other versions have other code points: all tables are of this one. */
const version = '17.0';

export function missing() {
  const { unicode } = process.versions;
  return unicode === version ? undefined : `Unicode ${version} in Node (this one has ${unicode})`;
}

const categories = 'Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs'.split(' ');

/** The long names of Unicode's scripts, of which regular expressions in JavaScript know what a name holds, but no list. */
const scripts = `
Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Beria_Erfe Bhaiksuki
Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian
Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan
Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi
Gurmukhi Gurung_Khema Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited
Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi
Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian
Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui
Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari
New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian
Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene
Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sidetic
SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le
Tai_Tham Tai_Viet Tai_Yo Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Todhri Tolong_Siki
Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square
`
  .trim()
  .split(/\s+/);

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';

/** A number in digits of five bits, the lowest first; each but the last has 32 added. */
function encodedNumber(number) {
  let text = '';
  let rest = number;
  for (; rest >= 32; rest = Math.floor(rest / 32)) text += digits[32 + (rest % 32)];
  return text + digits[rest];
}

/** How far each range starts behind the one before, and how long it is. */
function encodedRanges(property) {
  const pattern = new RegExp(`^\\p{${property}}$`, 'u');
  let text = '';
  let end = 0;
  for (let point = 0; point <= 0x10ffff; point++) {
    if (!pattern.test(String.fromCodePoint(point))) continue;
    let last = point;
    while (last < 0x10ffff && pattern.test(String.fromCodePoint(last + 1))) last++;
    text += encodedNumber(point - end) + encodedNumber(last - point);
    end = last + 1;
    point = last;
  }
  return text;
}

/** The code points that simple case folding makes one, smallest first, the groups by their first. */
function foldedGroups() {
  const groups = new Map();
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point === 0xd800) point = 0xe000;
    const text = String.fromCodePoint(point);
    const candidates = new Set();
    for (const each of [text.toLowerCase(), text.toUpperCase(), text.toUpperCase().toLowerCase()]) {
      if ([...each].length === 1 && each !== text) candidates.add(each.codePointAt(0));
    }
    for (const other of candidates) {
      if (!new RegExp(`^\\u{${point.toString(16)}}$`, 'iu').test(String.fromCodePoint(other))) continue;
      const joined = new Set([...(groups.get(point) ?? [point]), ...(groups.get(other) ?? [other])]);
      for (const each of joined) groups.set(each, joined);
    }
  }
  const distinct = [...new Set(groups.values())].map((group) => [...group].sort((left, right) => left - right));
  return distinct.sort(([left], [right]) => left - right);
}

/** Each group: how many there are, how far the first is from the first before, how far each is from the one before. */
function encodedGroups() {
  let text = '';
  let before = 0;
  for (const [first, ...rest] of foldedGroups()) {
    text += encodedNumber(rest.length) + encodedNumber(first - before);
    let last = first;
    for (const each of rest) {
      text += encodedNumber(each - last);
      last = each;
    }
    before = first;
  }
  return text;
}

function table(name, comment, entries) {
  return `/** ${comment} */\nexport const ${name} = \`\n${entries.join('\n')}\n\`;\n`;
}

export function generate() {
  return [
    '// Generated by scripts/generate/unicode-classes.js; do not edit.',
    `// Unicode ${version}, as ICU has it in Node.`,
    '',
    table(
      'categoryRanges',
      'General categories: a name and its ranges of code points, encoded as compiler/tables/unicode-classes.ts reads them.',
      categories.map((name) => `${name} ${encodedRanges(name)}`),
    ),
    table(
      'scriptRanges',
      'Scripts, in the same way.',
      scripts.map((name) => `${name} ${encodedRanges(`Script=${name}`)}`),
    ),
    `/** Groups of code points that simple case folding makes one. */\nexport const foldedGroups =\n  '${encodedGroups()}';\n`,
  ].join('\n');
}
