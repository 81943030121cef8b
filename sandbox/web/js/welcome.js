import { el, icon } from "./dom.js";
import { actions } from "./lazy.js";
import { DIRECT, isThread, store } from "./store.js";

const SAMPLES = [
	{ name: "mountain-lake.jpg", title: "Lake at dusk", alt: "Layered misty mountains at dusk above a still lake" },
	{ name: "dunes-at-night.jpg", title: "Dunes at night", alt: "Sand dunes at night below a rising moon and stars" },
];
const ATTACHMENT = 11; // option type, as in Discord's reference

export function welcome() {
	const { channel } = store;
	if (!channel) return [];
	const head = (mark, name, ...rest) => [el("div.start-mark", icon(mark)), el("h2", name), ...rest];
	const said = (text) => el("p.muted", text);
	if (channel.type === DIRECT) {
		return head("mail", store.nameOf(channel), said("Only the two of you see what is written here."));
	}
	if (isThread(channel)) {
		return head("thread", channel.name, said(`A thread of #${store.channels.get(channel.parent_id)?.name ?? "?"}.`));
	}
	const first = channel.id === store.channelsOf(store.guildId)[0].id;
	const what = first
		? "Expanse makes a picture larger than its frame. Take one of these, or drop your own anywhere on this page."
		: `This is the start of #${channel.name}.`;
	return head("hash", `Welcome to #${channel.name}`, said(what), first && samples()).filter(Boolean);
}

const takesPicture = ({ type, options = [] }) => type === ATTACHMENT || options.some(takesPicture);

function samples() {
	const ready = store.bot.online && store.guild.commands.some(takesPicture);
	const hint = ready
		? [
			el("kbd", "/"),
			" opens the commands. A click on a picture fills in the one for it; ",
			el("kbd", "Enter"),
			" sends it.",
		]
		: [el("span.spinner", { "aria-hidden": "true" }), "Expanse is coming online…"];
	return el("div.samples", SAMPLES.map((sample) => card(sample, !ready)), el("p.hint", { role: "status" }, hint));
}

function card({ name, title, alt }, disabled) {
	const error = el("p.failure", { role: "status" });
	const use = (run) => async ({ currentTarget: button }) => {
		if (button.ariaBusy) return;
		button.ariaBusy = "true";
		error.textContent = "";
		await actions((part) => part[run](`/web/samples/${name}`)).catch((
			problem,
		) => (error.textContent = problem.message));
		button.ariaBusy = null;
	};
	return el(
		"div.sample",
		el(
			"button.sample-picture",
			{ disabled, "aria-label": `Use the picture “${title}”`, click: use("openSample") },
			el("img", { src: `/web/samples/${name}`, alt, width: "768", height: "512" }),
		),
		el(
			"div.sample-foot",
			el("span.stack", el("strong", title), el("span.muted", "+256 px to the right")),
			el(
				"button.button.primary",
				{ disabled, "aria-label": `Try it with “${title}”`, click: use("sendSample") },
				icon("spark"),
				"Try it",
			),
		),
		error,
	);
}
