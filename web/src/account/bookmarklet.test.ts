import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bookmarklet } from "./bookmarklet";

const HOME = "http://trax.test:8700";
const opened = vi.fn();
const told = vi.fn();

beforeEach(() => {
  vi.stubGlobal("open", opened);
  vi.stubGlobal("alert", told);
});

afterEach(() => {
  document.body.innerHTML = "";
  Reflect.deleteProperty(window, "trax");
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

/** As a browser does on a click at the bookmark. */
function press(home = HOME): void {
  const text = decodeURIComponent(bookmarklet(home, "nothing 'here'").replace("javascript:", ""));
  new Function(text)();
}

test("what a page plays is sent to Trax", () => {
  document.body.innerHTML = `<video src="blob:x"></video><audio><source src="https://a.test/b c.mp3?x=1&y=2"></audio>`;
  press();
  const address = new URL(opened.mock.calls[0]?.[0]);
  expect(address.origin).toBe(HOME);
  expect(address.searchParams.get("add")).toBe("https://a.test/b%20c.mp3?x=1&y=2");
});

test("a selected link comes before what is played", () => {
  document.body.innerHTML = `<p>see <a href="https://a.test/talk.ogg">this</a></p><audio src="https://a.test/x.mp3"></audio>`;
  getSelection()?.selectAllChildren(document.querySelector("p") as Element);
  press();
  expect(opened.mock.calls[0]?.[0]).toContain(encodeURIComponent("https://a.test/talk.ogg"));
});

test("a page that plays nothing says so", () => {
  document.body.innerHTML = `<a href="https://a.test/">elsewhere</a>`;
  press();
  expect(opened).not.toHaveBeenCalled();
  expect(told).toHaveBeenCalledWith("nothing 'here'");
});

test("on a transcript's page the selection is copied as a quote", () => {
  const quote = vi.fn();
  Object.assign(window, { trax: { quote } });
  press(location.origin);
  expect(quote).toHaveBeenCalled();
  expect(opened).not.toHaveBeenCalled();
});
