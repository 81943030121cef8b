import { el } from "./dom.js";

const FORMATS = Object.fromEntries(
	Object.entries({
		t: { timeStyle: "short" },
		T: { timeStyle: "medium" },
		d: { dateStyle: "short" },
		D: { dateStyle: "long" },
		f: { dateStyle: "long", timeStyle: "short" },
		F: { dateStyle: "full", timeStyle: "short" },
	}).map(([style, how]) => [style, new Intl.DateTimeFormat("en-GB", how)]),
);
const STEPS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], [
	"second",
	1,
]];
const relative = new Intl.RelativeTimeFormat("en");

function fromNow(seconds) {
	const distance = Math.round(seconds - Date.now() / 1000);
	const [unit, size] = STEPS.find(([, step]) => Math.abs(distance) >= step) ?? STEPS.at(-1);
	return relative.format(Math.round(distance / size), unit);
}

export const secondsOf = (iso) => Date.parse(iso) / 1000;

export const absolute = (seconds, style) => FORMATS[style].format(seconds * 1000);

export const dayOf = (iso) => absolute(secondsOf(iso), "D");

/** The time beside a name: only the hour today, with the date before. */
export function stamp(iso) {
	const seconds = secondsOf(iso);
	const today = dayOf(iso) === absolute(Date.now() / 1000, "D");
	return `${today ? "" : `${absolute(seconds, "d")} `}${absolute(seconds, "t")}`;
}

/** A time in one of Discord's styles; "3 seconds ago" is updated while it is on the page. */
export function moment(seconds, style) {
	const far = style === "R";
	return el(
		"span.moment",
		{ title: absolute(seconds, "F"), "data-from": far && seconds },
		far ? fromNow(seconds) : absolute(seconds, style),
	);
}

setInterval(() => {
	for (const node of document.querySelectorAll("[data-from]")) node.textContent = fromNow(node.dataset.from);
}, 1000);
