/** Parts of timestamps in UTC and of durations. */
export const time = `
fn floorDivide(number: i64, by: i64): i64 {
  let quotient = number / by;
  if (number % by < 0L) { return quotient - 1L; }
  return quotient;
}
// Days since 1970, and from there the year, month and day: the days of 400 years are the same each time.
fn daysOf(value: i32): i64 {
  return floorDivide(load64(value, 8), 86400L);
}
fn dayOfEra(days: i64): i64 {
  return days + 719468L - floorDivide(days + 719468L, 146097L) * 146097L;
}
fn yearOfEra(day: i64): i64 {
  return (day - day / 1460L + day / 36524L - day / 146096L) / 365L;
}
fn dayFromMarch(days: i64): i64 {
  let day = dayOfEra(days);
  let year = yearOfEra(day);
  return day - (365L * year + year / 4L - year / 100L);
}
// 0 for March.
fn monthFromMarch(days: i64): i64 {
  return (5L * dayFromMarch(days) + 2L) / 153L;
}
fn yearOf(days: i64): i64 {
  let year = yearOfEra(dayOfEra(days)) + floorDivide(days + 719468L, 146097L) * 400L;
  if (monthFromMarch(days) >= 10L) { return year + 1L; }
  return year;
}
fn monthOf(days: i64): i64 {
  return (monthFromMarch(days) + 2L) % 12L;
}
fn dayOfMonth(days: i64): i64 {
  return dayFromMarch(days) - (153L * monthFromMarch(days) + 2L) / 5L;
}
// The days since 1970 of a date; the month counts from 0 for January, the day from 0.
fn daysBefore(year: i64, month: i64, day: i64): i64 {
  let from = year;
  if (month < 2L) { from = year - 1L; }
  let shifted = (month + 10L) % 12L;
  let era = floorDivide(from, 400L);
  let inEra = from - era * 400L;
  return era * 146097L + inEra * 365L + inEra / 4L - inEra / 100L + (153L * shifted + 2L) / 5L + day - 719468L;
}
fn getFullYear(value: i32): i32 {
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell(yearOf(daysOf(value)));
}
fn getMonth(value: i32): i32 {
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell(monthOf(daysOf(value)));
}
fn getDayOfMonth(value: i32): i32 {
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell(dayOfMonth(daysOf(value)));
}
fn getDate(value: i32): i32 {
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell(dayOfMonth(daysOf(value)) + 1L);
}
fn getDayOfWeek(value: i32): i32 {
  if (load32(value) != TIME) { return THE_ERROR; }
  let days = daysOf(value) + 4L;
  return intCell(days - floorDivide(days, 7L) * 7L);
}
fn getDayOfYear(value: i32): i32 {
  if (load32(value) != TIME) { return THE_ERROR; }
  let days = daysOf(value);
  return intCell(days - daysBefore(yearOf(days), 0L, 0L));
}
fn getHours(value: i32): i32 {
  if (load32(value) == SPAN) { return intCell(load64(value, 8) / 3600000000000L); }
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell((load64(value, 8) - daysOf(value) * 86400L) / 3600L);
}
fn getMinutes(value: i32): i32 {
  if (load32(value) == SPAN) { return intCell(load64(value, 8) / 60000000000L); }
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell((load64(value, 8) - daysOf(value) * 86400L) / 60L % 60L);
}
fn getSeconds(value: i32): i32 {
  if (load32(value) == SPAN) { return intCell(load64(value, 8) / 1000000000L); }
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell((load64(value, 8) - daysOf(value) * 86400L) % 60L);
}
fn getMilliseconds(value: i32): i32 {
  if (load32(value) == SPAN) { return intCell(load64(value, 8) / 1000000L % 1000L); }
  if (load32(value) != TIME) { return THE_ERROR; }
  return intCell(extend(load32(value, 4)) / 1000000L);
}
fn toTime(value: i32): i32 {
  if (load32(value) == TIME) { return value; }
  if (load32(value) == INT) {
    let seconds = load64(value, 8);
    if (seconds < 0L - 62135596800L || seconds > 253402300799L) { return THE_ERROR; }
    return timeCell(seconds, 0L);
  }
  if (load32(value) != STRING) { return THE_ERROR; }
  return readTime(load32(value, 8), load32(value, 4));
}
// A number of so many digits, or -1.
fn digitsAt(at: i32, count: i32): i32 {
  let number = 0;
  while (count) {
    let digit = load8(at) - '0';
    if (digit >u 9) { return -1; }
    number = number * 10 + digit;
    at = at + 1;
    count = count - 1;
  }
  return number;
}
// RFC 3339, with a year of four digits or five.
fn readTime(at: i32, length: i32): i32 {
  if (length <u 20 || length >u 80) { return THE_ERROR; }
  let end = at + length;
  let width = 4 + (load8(at + 4) != '-');
  let year = digitsAt(at, width);
  at = at + width;
  if (end - at <u 16) { return THE_ERROR; }
  let month = digitsAt(at + 1, 2) - 1;
  let day = digitsAt(at + 4, 2) - 1;
  let hour = digitsAt(at + 7, 2);
  let minute = digitsAt(at + 10, 2);
  let second = digitsAt(at + 13, 2);
  if (year < 0 || month <u 0 || month >u 11 || day >u 30 || hour >u 23 || minute >u 59 || second >u 59) { return THE_ERROR; }
  if (load8(at) != '-' || load8(at + 3) != '-' || load8(at + 6) != 'T') { return THE_ERROR; }
  if (load8(at + 9) != ':' || load8(at + 12) != ':') { return THE_ERROR; }
  let days = daysBefore(extend(year), extend(month), extend(day));
  if (monthOf(days) != extend(month)) { return THE_ERROR; }
  at = at + 15;
  let nanos = 0;
  if (load8(at) == '.') {
    let unit = 100000000;
    at = at + 1;
    let first = at;
    while (at != end && load8(at) - '0' <=u 9) {
      nanos = nanos + (load8(at) - '0') * unit;
      unit = unit / 10;
      at = at + 1;
    }
    if (at == first || at == end) { return THE_ERROR; }
  }
  let seconds = days * 86400L + extend(hour * 3600 + minute * 60 + second);
  let zone = load8(at);
  if (zone == 'Z') {
    if (at + 1 != end) { return THE_ERROR; }
    return timeCell(seconds, extend(nanos));
  }
  if ((zone != '+' && zone != '-') || end - at != 6) { return THE_ERROR; }
  let hours = digitsAt(at + 1, 2);
  let minutes = digitsAt(at + 4, 2);
  if (hours >u 23 || minutes >u 59 || load8(at + 3) != ':') { return THE_ERROR; }
  let east = extend(hours * 3600 + minutes * 60);
  if (zone == '-') { return timeCell(seconds + east, extend(nanos)); }
  return timeCell(seconds - east, extend(nanos));
}
fn put(at: i32, number: i64, width: i32) {
  while (width) {
    width = width - 1;
    store8(at + width, 0, '0' + wrap(number % 10L));
    number = number / 10L;
  }
}
fn timeText(value: i32): i32 {
  let days = daysOf(value);
  let seconds = load64(value, 8) - days * 86400L;
  let nanos = extend(load32(value, 4));
  let text = alloc(32);
  if (!text) { return THE_ERROR; }
  put(text, yearOf(days), 4);
  store8(text, 4, '-');
  put(text + 5, monthOf(days) + 1L, 2);
  store8(text, 7, '-');
  put(text + 8, dayOfMonth(days) + 1L, 2);
  store8(text, 10, 'T');
  put(text + 11, seconds / 3600L, 2);
  store8(text, 13, ':');
  put(text + 14, seconds / 60L % 60L, 2);
  store8(text, 16, ':');
  put(text + 17, seconds % 60L, 2);
  let length = 19;
  if (nanos != 0L) {
    store8(text, 19, '.');
    put(text + 20, nanos, 9);
    length = 29;
    while (load8(text + length - 1) == '0') { length = length - 1; }
  }
  store8(text + length, 0, 'Z');
  return textCell(STRING, text, length + 1);
}
fn toSpan(value: i32): i32 {
  if (load32(value) == SPAN) { return value; }
  if (load32(value) == INT) {
    let span = cell(SPAN);
    store64(span, 8, load64(value, 8));
    return span;
  }
  if (load32(value) != STRING) { return THE_ERROR; }
  return readSpan(load32(value, 8), load32(value, 4));
}
// What Go's time.ParseDuration reads.
fn readSpan(at: i32, length: i32): i32 {
  let end = at + length;
  let sum = 0L;
  let sign = 1L;
  if (!length || length >u 200) { return THE_ERROR; }
  if (load8(at) == '-') { sign = -1L; }
  if (sign < 0L || load8(at) == '+') { at = at + 1; }
  if (at == end) { return THE_ERROR; }
  if (end - at == 1 && load8(at) == '0') { return checkedSum(SPAN, 0L, 0L); }
  while (at != end) {
    let whole = 0L;
    let digits = 0;
    let fraction = 0;
    let fractionDigits = 0;
    while (at != end && load8(at) - '0' <=u 9) {
      if (whole > 900000000000000000L) { $steps = -1; return THE_ERROR; }
      whole = whole * 10L + extend(load8(at) - '0');
      digits = 1;
      at = at + 1;
    }
    if (at != end && load8(at) == '.') {
      at = at + 1;
      fraction = at;
      while (at != end && load8(at) - '0' <=u 9) { at = at + 1; digits = 1; }
      fractionDigits = at - fraction;
    }
    if (!digits || at == end) { return THE_ERROR; }
    let unit = 0L;
    let first = load8(at);
    let next = 0;
    if (at + 1 != end) { next = load8(at + 1); }
    at = at + 1;
    if (first == 'h') { unit = 3600000000000L; }
    else if (first == 's') { unit = 1000000000L; }
    else if (first == 'm' && next != 's') { unit = 60000000000L; }
    else if (next == 's') {
      if (first == 'm') { unit = 1000000L; }
      else if (first == 'u') { unit = 1000L; }
      else if (first == 'n') { unit = 1L; }
      at = at + 1;
    } else if ((first == 194 && next == 181) || (first == 206 && next == 188)) {
      at = at + 1;
      if (at != end && load8(at) == 's') { unit = 1000L; at = at + 1; }
    }
    if (!unit) { return THE_ERROR; }
    if (whole > 9223372036854775807L / unit) {
      // What is negative has one more.
      $steps = -1;
      return THE_ERROR;
    }
    let part = whole * unit;
    // Of more digits what they add together may be a nanosecond.
    if (fractionDigits > 11) { $steps = -1; return THE_ERROR; }
    while (fractionDigits) {
      part = part + extend(load8(fraction) - '0') * unit / 10L;
      unit = unit / 10L;
      fraction = fraction + 1;
      fractionDigits = fractionDigits - 1;
    }
    let before = sum;
    sum = sum + part;
    if (sum < before || part < 0L) { $steps = -1; return THE_ERROR; }
  }
  return checkedSum(SPAN, sum * sign, 0L);
}
`;
