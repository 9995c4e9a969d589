/**
 * `int(x)`, `string(x)` and the like. What takes exact decimal arithmetic, as `double('0.1e-30')` does, leaves the whole
 * expression unknown: `steps` below 0.
 */
export const conversions = `
fn toInt(value: i32): i32 {
  let tag = load32(value);
  if (tag == INT) { return value; }
  if (tag == UINT) {
    if (load64(value, 8) < 0L) { return THE_ERROR; }
    return intCell(load64(value, 8));
  }
  if (tag == DOUBLE) {
    let number = loadFloat(value, 8);
    if (absolute(number) < 9223372036854775808.0) { return intCell(truncate(number)); }
    return THE_ERROR;
  }
  if (tag == TIME || tag == SPAN) { return intCell(load64(value, 8)); }
  if (tag != STRING) { return THE_ERROR; }
  let at = load32(value, 8);
  let end = at + load32(value, 4);
  let negative = 0;
  if (at != end) {
    negative = load8(at) == '-';
    if (negative || load8(at) == '+') { at = at + 1; }
  }
  let digits = toDigits(at, end);
  if (digits == THE_ERROR) { return THE_ERROR; }
  let number = load64(digits, 8);
  if (negative) {
    if (number >u 0x8000000000000000L) { return THE_ERROR; }
    return intCell(0L - number);
  }
  if (number < 0L) { return THE_ERROR; }
  return intCell(number);
}
// A uint of up to 40 digits.
fn toDigits(at: i32, end: i32): i32 {
  let number = 0L;
  if (at == end || end - at >u 40) { return THE_ERROR; }
  while (at != end) {
    let digit = load8(at) - '0';
    if (digit >u 9) { return THE_ERROR; }
    if (number >u 1844674407370955161L || (number == 1844674407370955161L && digit > 5)) { return THE_ERROR; }
    number = number * 10L + extend(digit);
    at = at + 1;
  }
  return uintCell(number);
}
fn toUint(value: i32): i32 {
  let tag = load32(value);
  if (tag == UINT) { return value; }
  if (tag == INT) {
    if (load64(value, 8) < 0L) { return THE_ERROR; }
    return uintCell(load64(value, 8));
  }
  if (tag == DOUBLE) {
    let number = loadFloat(value, 8);
    if (number >= 0.0 && number < 18446744073709551616.0) { return uintCell(truncateUnsigned(number)); }
    return THE_ERROR;
  }
  if (tag != STRING) { return THE_ERROR; }
  return toDigits(load32(value, 8), load32(value, 8) + load32(value, 4));
}
fn toDouble(value: i32): i32 {
  let tag = load32(value);
  if (tag == DOUBLE) { return value; }
  if (tag == INT || tag == UINT) { return doubleCell(asDouble(value)); }
  if (tag != STRING) { return THE_ERROR; }
  return readDouble(value);
}
fn readDouble(value: i32): i32 {
  let at = load32(value, 8);
  let length = load32(value, 4);
  let end = at + length;
  if (!length || length >u 1000) { return THE_ERROR; }
  let negative = load8(at) == '-';
  let signed = negative || load8(at) == '+';
  at = at + signed;
  if (at != end && (load8(at) | 32) >= 'a') { return wordDouble(textCell(STRING, at, end - at), signed, negative); }
  let mantissa = 0L;
  let digits = 0;
  let places = 0;
  let point = 0;
  while (at != end) {
    let byte = load8(at);
    if (byte == '.' && !point) { point = 1; }
    else if (byte - '0' <=u 9) {
      digits = 1;
      if (mantissa >= 100000000000000L) {
        if (byte != '0' || !point) { $steps = -1; return THE_ERROR; }
      } else {
        mantissa = mantissa * 10L + extend(byte - '0');
        places = places + point;
      }
    } else { break; }
    at = at + 1;
  }
  if (!digits) { return THE_ERROR; }
  let exponent = 0;
  if (at != end) {
    if ((load8(at) | 32) != 'e') { return THE_ERROR; }
    at = at + 1;
    if (at == end) { return THE_ERROR; }
    let minus = load8(at) == '-';
    if (minus || load8(at) == '+') { at = at + 1; }
    if (at == end) { return THE_ERROR; }
    while (at != end) {
      let digit = load8(at) - '0';
      if (digit >u 9) { return THE_ERROR; }
      if (exponent < 10000) { exponent = exponent * 10 + digit; }
      at = at + 1;
    }
    if (minus) { exponent = 0 - exponent; }
  }
  exponent = exponent - places;
  let number = float(mantissa);
  if (mantissa != 0L) {
    if (exponent > 22 || exponent < -22) { $steps = -1; return THE_ERROR; }
    if (exponent < 0) { number = number / powerOfTen(0 - exponent); }
    else { number = number * powerOfTen(exponent); }
  }
  if (negative) { number = -(number); }
  return doubleCell(number);
}
// Exact up to 22.
fn powerOfTen(exponent: i32): f64 {
  let power = 1.0;
  while (exponent > 0) { power = power * 10.0; exponent = exponent - 1; }
  return power;
}
fn wordDouble(word: i32, signed: i32, negative: i32): i32 {
  let small = changeCase(word, 'A', 32);
  if (small == THE_ERROR) { return THE_ERROR; }
  if (same(small, NAN_WORD)) {
    if (signed) { return THE_ERROR; }
    return doubleCell(0.0 / 0.0);
  }
  if (isIn(small, INFINITY_WORDS) != THE_TRUE) { return THE_ERROR; }
  if (negative) { return doubleCell(-1.0 / 0.0); }
  return doubleCell(1.0 / 0.0);
}
fn toBool(value: i32): i32 {
  let tag = load32(value);
  if (tag == BOOL) { return truth(value); }
  if (tag != STRING) { return THE_ERROR; }
  if (isIn(value, TRUE_WORDS) == THE_TRUE) { return THE_TRUE; }
  if (isIn(value, FALSE_WORDS) == THE_TRUE) { return THE_FALSE; }
  return THE_ERROR;
}
fn toBytes(value: i32): i32 {
  let tag = load32(value);
  if (tag == BYTES) { return value; }
  if (tag != STRING) { return THE_ERROR; }
  return textCell(BYTES, load32(value, 8), load32(value, 4));
}
fn toText(value: i32): i32 {
  let tag = load32(value);
  if (tag == STRING) { return value; }
  if (tag == BOOL) {
    if (truth(value) == THE_TRUE) { return TRUE_TEXT; }
    return FALSE_TEXT;
  }
  if (tag == INT) {
    if (load64(value, 8) < 0L) { return digitsText(0L - load64(value, 8), 0, 1); }
    return digitsText(load64(value, 8), 0, 0);
  }
  if (tag == UINT) { return digitsText(load64(value, 8), 0, 0); }
  if (tag == DOUBLE) { return doubleText(loadFloat(value, 8)); }
  if (tag == BYTES) {
    if (!isUtf8(load32(value, 8), load32(value, 4))) { return THE_ERROR; }
    return textCell(STRING, load32(value, 8), load32(value, 4));
  }
  if (tag == SPAN) { return spanText(load64(value, 8)); }
  if (tag == TIME) { return timeText(value); }
  return THE_ERROR;
}
// A number in decimal digits, the last of them behind a point.
fn digitsText(number: i64, places: i32, negative: i32): i32 {
  let buffer = alloc(48);
  if (!buffer) { return THE_ERROR; }
  let end = buffer + 48;
  let at = end;
  let written = 0;
  while (number != 0L || written <= places) {
    if (places && written == places) {
      at = at - 1;
      store8(at, 0, '.');
    }
    at = at - 1;
    store8(at, 0, '0' + wrap(number %u 10L));
    number = number /u 10L;
    written = written + 1;
  }
  if (negative) {
    at = at - 1;
    store8(at, 0, '-');
  }
  return textCell(STRING, at, end - at);
}
// As Go's %g, with as few digits as tell the number from others: up to 15, and between the exponents of 10 that have none.
fn doubleText(number: f64): i32 {
  if (number != number) { return NAN_TEXT; }
  if (number == 1.0 / 0.0) { return INFINITY_TEXT; }
  if (number == -1.0 / 0.0) { return NEGATIVE_INFINITY_TEXT; }
  let negative = bits(number) < 0L;
  let size = absolute(number);
  if (size == 0.0) { return digitsText(0L, 0, negative); }
  let scale = 1.0;
  let places = 0;
  while (size >= 0.0001 && size < 1000000.0 && size * scale < 1000000000000000.0) {
    let whole = nearest(size * scale);
    if (whole / scale == size) { return digitsText(truncate(whole), places, negative); }
    scale = scale * 10.0;
    places = places + 1;
  }
  $steps = -1;
  return THE_ERROR;
}
fn spanText(nanos: i64): i32 {
  let negative = nanos < 0L;
  let size = nanos;
  if (negative) { size = 0L - nanos; }
  let places = 9;
  while (places && size %u 10L == 0L) { size = size /u 10L; places = places - 1; }
  let number = digitsText(size, places, negative);
  return joinTexts(number, SECONDS_TEXT);
}
fn isUtf8(at: i32, length: i32): i32 {
  let end = at + length;
  while (at != end) {
    let byte = load8(at);
    let more = 0;
    let low = 128;
    let high = 191;
    if (byte >=u 128) {
      if (byte <u 194 || byte >u 244) { return 0; }
      more = 1 + (byte >=u 224) + (byte >=u 240);
      if (byte == 224) { low = 160; }
      if (byte == 237) { high = 159; }
      if (byte == 240) { low = 144; }
      if (byte == 244) { high = 143; }
    }
    at = at + 1;
    if (end - at <u more) { return 0; }
    while (more) {
      let next = load8(at);
      if (next <u low || next >u high) { return 0; }
      low = 128;
      high = 191;
      more = more - 1;
      at = at + 1;
    }
  }
  return 1;
}
fn typeOf(value: i32): i32 {
  let tag = load32(value);
  if (tag == ERROR || tag == ABSENT) { return THE_ERROR; }
  return TYPES + tag * 16;
}
fn identity(value: i32): i32 {
  return value;
}
`;
