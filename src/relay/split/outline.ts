const marker = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t\r]|$)/;
const heading = /^ {0,3}#{1,6}(?:\s|$)/;
const rule = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t\r]*$/;
const row = /^[ \t]*\|/;
const delimiterRow = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t\r]*$/;

/** The places where a part may be cut between lines, as far as its lines were read; -1 where there is none yet. */
export interface Places {
  /** The last start of a block that stands for itself; of its heading, where it has one. */
  block: number;
  /** The last start of a list item at the outer level. */
  item: number;
  /** The start of the list item or table that is still going on; of its last row when the table begins the part. */
  unit: number;
  /** The start of the last line of code that has a line of the same code before it in this part. */
  code: number;
  /** The start of the paragraph, item, row or code block that is still going on. */
  leaf: number;
}

/** Reads the lines of one part in order. Every place follows from the lines before it and the line itself. */
export interface Outline {
  readonly places: Readonly<Places>;
  blankLine(): void;
  textLine(at: number, line: string): void;
  /** The line that opens a fenced code block. */
  openingLine(at: number, line: string): void;
  codeLine(at: number): void;
  closingLine(): void;
}

interface Reading {
  readonly start: number;
  readonly places: Places;
  /** The next line goes on with nothing: it comes after an empty line, a heading, a rule or a code block. */
  fresh: boolean;
  inList: boolean;
  /** The start of the headings directly before the next line, or -1. */
  heading: number;
  /** The start of the table that is going on, or -1. */
  table: number;
  line: string;
  lineStart: number;
  codeSeen: boolean;
}

/** A part that goes on in the middle of a line is not told that line. */
export function createOutline(start: number, midLine: boolean): Outline {
  const places = { block: -1, item: -1, unit: -1, code: -1, leaf: start };
  const reading: Reading = {
    start,
    places,
    fresh: !midLine,
    inList: false,
    heading: -1,
    table: -1,
    line: "",
    lineStart: start,
    codeSeen: midLine,
  };
  return {
    places,
    blankLine() {
      reading.fresh = true;
      reading.table = -1;
    },
    textLine(at, line) {
      readText(reading, at, line);
    },
    openingLine(at, line) {
      if (marker.test(line)) beginItem(reading, at, line);
      else beginLeaf(reading, at, line);
      reading.heading = -1;
      reading.codeSeen = false;
      places.code = -1;
    },
    codeLine(at) {
      if (reading.codeSeen && at > start) places.code = at;
      reading.codeSeen = true;
    },
    closingLine() {
      reading.fresh = true;
    },
  };
}

function readText(reading: Reading, at: number, line: string): void {
  const titles = heading.test(line);
  const rules = rule.test(line);
  if (marker.test(line) && !rules) beginItem(reading, at, line);
  else if (reading.fresh || titles || rules) beginLeaf(reading, at, line);
  readTable(reading, at, line);
  reading.heading = titles ? withHeading(reading, at) : -1;
  reading.fresh = titles || rules;
  reading.line = line;
  reading.lineStart = at;
}

function beginItem(reading: Reading, at: number, line: string): void {
  const { places } = reading;
  const place = withHeading(reading, at);
  if (indentOf(line) < 2) {
    if (reading.fresh && !reading.inList) places.block = place;
    places.item = place;
  }
  places.unit = place;
  places.leaf = at;
  reading.table = -1;
  reading.inList = true;
}

function beginLeaf(reading: Reading, at: number, line: string): void {
  const { places } = reading;
  places.leaf = at;
  reading.table = -1;
  if (reading.inList && indentOf(line) >= 2) return;
  places.unit = -1;
  places.block = withHeading(reading, at);
  reading.inList = false;
}

function readTable(reading: Reading, at: number, line: string): void {
  const { places, start } = reading;
  if (reading.table < 0) {
    const headed = !reading.fresh && reading.line.includes("|") && delimiterRow.test(line);
    if (row.test(line)) reading.table = withHeading(reading, at);
    else if (headed) reading.table = reading.lineStart;
    else return;
  }
  places.unit = reading.table > start ? reading.table : at;
  places.leaf = at;
}

/** A heading stays with what follows it, unless it begins the part. */
function withHeading({ heading: before, start }: Reading, at: number): number {
  return before > start ? before : at;
}

function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)?.[0].length ?? 0;
}
