// Elements and numbers for people.
export const $ = id => document.getElementById(id);

/** An element with text, which is never taken for markup. */
export function make(name, text, attributes = {}) {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

/** Of four digits. */
export function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "";
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7)) return String(Number(value.toPrecision(3)).toExponential());
  return Math.abs(value) >= 1e4 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(4));
}

/** Seconds, as hours and minutes where there are some. */
export function time(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.round(seconds), two = n => String(n).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.floor(whole / 60)}:${two(whole % 60)} min` : `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)} h`;
}

/** Where a run's lines are drawn: eight colours, dashed from the ninth run on. */
export const LOOKS = {
  light: ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#bf3989", "#0e7c86", "#57606a"],
  dark: ["#6cb0ff", "#ff8085", "#57c26f", "#e3b341", "#bc9bff", "#ff8ac4", "#4fc4cf", "#b3bdc9"],
};
export const dark = matchMedia("(prefers-color-scheme: dark)");
export const colour = index => (dark.matches ? LOOKS.dark : LOOKS.light)[index % 8];
export const dashed = index => index >= 8;
