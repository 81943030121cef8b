const STYLES = {
	t: { timeStyle: "short" },
	T: { timeStyle: "medium" },
	d: { dateStyle: "short" },
	D: { dateStyle: "long" },
	f: { dateStyle: "long", timeStyle: "short" },
	F: { dateStyle: "full", timeStyle: "short" },
};
const STEPS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const ticking = new Set();
let timer = 0;

/** Say the distance of a moment from now, such as "in 4 seconds". */
export function fromNow(seconds, now = Date.now() / 1000) {
	const distance = Math.round(seconds - now);
	const [unit, size] = STEPS.find(([, step]) => Math.abs(distance) >= step) ?? STEPS.at(-1);
	return relative.format(Math.trunc(distance / size), unit);
}

export const secondsOf = (iso) => Date.parse(iso) / 1000;

export const absolute = (seconds, style = "f") =>
	new Intl.DateTimeFormat("en-GB", STYLES[style] ?? STYLES.f).format(new Date(seconds * 1000));

/** The day a message stands under. */
export const dayOf = (iso) => absolute(secondsOf(iso), "D");

/** The time beside a name: the hour for today, the date before it otherwise. */
export function stamp(iso) {
	const seconds = secondsOf(iso);
	const today = dayOf(iso) === dayOf(new Date().toISOString());
	return today ? absolute(seconds, "t") : `${absolute(seconds, "d")} ${absolute(seconds, "t")}`;
}

function tick() {
	for (const element of ticking) element.draw();
}

/** A moment that keeps itself true: "3 seconds ago" goes on counting while it is on the page. */
class LiveTime extends HTMLElement {
	connectedCallback() {
		this.title = absolute(this.seconds, "F");
		this.draw();
		if (this.format !== "R") return;
		ticking.add(this);
		timer ||= setInterval(tick, 1000);
	}

	disconnectedCallback() {
		ticking.delete(this);
		if (ticking.size) return;
		clearInterval(timer);
		timer = 0;
	}

	draw() {
		const text = this.format === "R" ? fromNow(this.seconds) : absolute(this.seconds, this.format);
		if (text !== this.textContent) this.textContent = text;
	}
}
customElements.define("live-time", LiveTime);

export function liveTime(seconds, format = "f") {
	const node = document.createElement("live-time");
	return Object.assign(node, { seconds, format, className: "moment" });
}
