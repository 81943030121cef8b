import { invocation, pictureCommand, pictureOption } from "./commands.js";
import { el, icon } from "./dom.js";
import { sendCommand } from "./interact.js";
import { DIRECT, store, THREAD } from "./store.js";

const SAMPLES = [
	{ name: "mountain-lake.jpg", title: "Lake at dusk", alt: "Layered misty mountains at dusk above a still lake" },
	{ name: "dunes-at-night.jpg", title: "Dunes at night", alt: "Sand dunes at night below a rising moon and stars" },
];
const WISHES = { direction: "right", pixels: 256 };

/** What stands at the very top of a channel: its name, and in the first one what to do here. */
export function welcome() {
	const channel = store.channels.get(store.channelId);
	if (!channel) return [];
	const thread = channel.type === THREAD;
	const head = [
		el("div.start-mark", icon(thread ? "thread" : channel.type === DIRECT ? "mail" : "hash")),
		el("h2", thread || channel.type === DIRECT ? store.nameOf(channel) : `Welcome to #${channel.name}`),
	];
	if (channel.type === DIRECT) return [...head, el("p.muted", "Only the two of you see what is written here.")];
	if (thread) return [...head, el("p.muted", `A thread of #${store.channels.get(channel.parent_id)?.name ?? "?"}.`)];
	if (channel.id !== store.channels.keys().next().value) return [...head, el("p.muted", `This is the start of #${channel.name}.`)];
	return [...head, el("p.muted", "Expanse makes a picture larger than its frame. Take one of these, or drop your own anywhere on this page."), samples()];
}

function samples() {
	const entry = pictureCommand(store.commands);
	const ready = Boolean(entry) && store.bot.online;
	const hint = ready
		? [el("kbd", "/"), " opens the commands. A picture fills in ", el("span.mention", `/${entry.title}`), "; ", el("kbd", "Enter"), " sends it."]
		: [el("span.spinner", { "aria-hidden": "true" }), "Expanse is coming online…"];
	return el("div.samples", SAMPLES.map((sample) => card(sample, entry, ready)), el("p.hint", { role: "status" }, hint));
}

function card(sample, entry, ready) {
	const error = el("p.failure", { role: "status" });
	const run = (action) => async (event) => {
		const button = event.currentTarget;
		if (button.ariaBusy) return;
		button.ariaBusy = "true";
		error.textContent = "";
		await action().catch((problem) => (error.textContent = problem.message));
		button.ariaBusy = null;
	};
	const fill = run(async () => document.querySelector("chat-composer").open(entry, preset(entry, await fetchSample(sample))));
	const send = run(async () => {
		const { data, files } = invocation(entry, preset(entry, await fetchSample(sample)));
		await sendCommand({ data, files, title: entry.title });
	});
	const image = el("img", { src: `/web/samples/${sample.name}`, alt: sample.alt, width: "768", height: "512" });
	return el("div.sample",
		el("button.sample-picture", { disabled: !ready, "aria-label": `Use the picture “${sample.title}”`, click: fill }, image),
		el("div.sample-foot",
			el("div", el("strong", sample.title), el("span.muted", "+256 px to the right")),
			el("button.button.primary", { disabled: !ready, "aria-label": `Try it with “${sample.title}”`, click: send }, icon("spark"), "Try it")),
		error);
}

async function fetchSample({ name }) {
	const response = await fetch(`/web/samples/${name}`);
	if (!response.ok) throw new Error("The sample picture is not there.");
	return new File([await response.blob()], name, { type: "image/jpeg" });
}

function preset(entry, file) {
	const values = new Map([[pictureOption(entry).name, file]]);
	for (const [name, value] of Object.entries(WISHES)) if (entry.options.some((option) => option.name === name)) values.set(name, value);
	return values;
}
