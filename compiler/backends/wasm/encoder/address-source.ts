/**
 * JavaScript that writes an address as sixteen bytes, IPv4 as `::ffff:a.b.c.d`, and says whether it is one. It reads what
 * `parseAddress` reads; which the tests hold against each other.
 */
export const addressSource = `function address(value, slot) {
  return value.indexOf(':') === -1
    ? (view.setBigUint64(slot, 0n), view.setUint32(slot + 8, 0xffff), four(value, 0, slot + 12))
    : six(value, slot);
}
function four(value, from, slot) {
  let at = from;
  for (let part = 0; part < 4; part += 1) {
    let number = 0;
    let digits = 0;
    for (; at < value.length; at += 1) {
      const digit = value.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      if (digits > 0 && number === 0) return false;
      number = number * 10 + digit;
      digits += 1;
      if (digits > 3) return false;
    }
    if (digits === 0 || number > 255) return false;
    view.setUint8(slot + part, number);
    if (part < 3) {
      if (value.charCodeAt(at) !== 46) return false;
      at += 1;
    }
  }
  return at === value.length;
}
function six(value, slot) {
  const { length } = value;
  let gap = -1;
  let groups = 0;
  let at = 0;
  if (value.charCodeAt(0) === 58) {
    if (value.charCodeAt(1) !== 58) return false;
    gap = 0;
    at = 2;
  }
  while (at < length) {
    if (groups === 8) return false;
    let number = 0;
    let digits = 0;
    const begin = at;
    for (; at < length; at += 1) {
      const unit = value.charCodeAt(at);
      const digit = unit >= 48 && unit <= 57 ? unit - 48 : (unit | 32) >= 97 && (unit | 32) <= 102 ? (unit | 32) - 87 : -1;
      if (digit === -1) break;
      number = number * 16 + digit;
      digits += 1;
      if (digits > 4) return false;
    }
    if (value.charCodeAt(at) === 46) {
      if (groups > 6 || !four(value, begin, slot + 2 * groups)) return false;
      groups += 2;
      at = length;
      break;
    }
    if (digits === 0) return false;
    view.setUint16(slot + 2 * groups, number);
    groups += 1;
    if (at === length) break;
    if (value.charCodeAt(at) !== 58) return false;
    at += 1;
    if (value.charCodeAt(at) === 58) {
      if (gap !== -1) return false;
      gap = groups;
      at += 1;
    } else if (at === length) {
      return false;
    }
  }
  if (gap === -1) return groups === 8;
  if (groups > 7) return false;
  const moved = groups - gap;
  for (let from = groups - 1; from >= gap; from -= 1) {
    view.setUint16(slot + 2 * (from + 8 - groups), view.getUint16(slot + 2 * from));
  }
  for (let empty = gap; empty < 8 - moved; empty += 1) view.setUint16(slot + 2 * empty, 0);
  return true;
}`;
