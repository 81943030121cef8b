import { request } from "./api.js";
import { displayName, el, emoji, icon } from "./dom.js";
import { place } from "./listbox.js";
import { pickReaction } from "./message_menu.js";
import { store } from "./store.js";

// Common ones first. Names are for screen readers and the search.
const EMOJI =
	`👍 thumbs up|❤️ heart|😂 laughing|😮 surprised|😢 crying|🔥 fire|⭐ star|🎉 party|👎 thumbs down|👏 clapping|🙏 please|💯 hundred
😀 grinning|😊 smiling|😍 heart eyes|🤔 thinking|😎 sunglasses|🥳 celebrating|😅 sweat smile|😭 sobbing|😡 angry|🤯 mind blown|😴 sleeping|🙈 see no evil
👀 eyes|👋 waving|👌 ok hand|💪 strong|🤝 handshake|✅ done|❌ cross|❓ question|❗ exclamation|⚠️ warning|💡 idea|🚀 rocket
🖼️ picture|🎨 palette|📷 camera|🌄 mountains|🌅 sunrise|🌊 wave|🌈 rainbow|🌙 moon|☀️ sun|🌲 tree|🌸 blossom|🏔️ peak
🐱 cat|🐶 dog|🦊 fox|🐢 turtle|🍕 pizza|🍰 cake|☕ coffee|🍀 clover|⏳ waiting|🔍 search|📌 pin|🏆 trophy`.split(
		/[\n|]/,
	).map((entry) => {
		const [sign, ...words] = entry.split(" ");
		return { sign, name: words.join(" ") };
	});
const COLUMNS = 8;

const nameOf = (name) => EMOJI.find(({ sign }) => sign === name || sign.replace("\ufe0f", "") === name)?.name ?? name;

export const react = (host, message, emoji, on) =>
	request(on ? "PUT" : "DELETE", `messages/${message.id}/reactions/${encodeURIComponent(emoji)}`).catch((problem) =>
		host.note(problem.message)
	);

export function reactions(host, message) {
	const chip = ({ emoji: sign, me, count, users = [], burst }) => {
		const key = sign.id ? `${sign.name}:${sign.id}` : sign.name;
		const who = users.map((id) => displayName(store.guild.users.get(id) ?? {})).join(", ");
		const name = [`${nameOf(sign.name)}: ${count}`, who, burst && "super"].filter(Boolean).join(", ");
		return el(
			`button.reaction${burst ? ".burst" : ""}`,
			{
				"aria-pressed": String(me),
				"aria-label": name,
				title: who,
				"data-press": `react:${key}`,
				click: () => react(host, message, key, !me),
			},
			emoji(sign),
			el("span", count),
		);
	};
	const another = ({ currentTarget }) => pickReaction(host, message, currentTarget.getBoundingClientRect());
	return [
		...message.reactions.map(chip),
		el("button.reaction.add", { "aria-label": "Add reaction", "data-press": "react", click: another }, icon("smile")),
	];
}

/** Open the picker at a rectangle; `pick` gets the chosen emoji. */
export function openEmoji(rectangle, pick) {
	const before = document.activeElement;
	const search = el("input", {
		type: "text",
		placeholder: "Find an emoji",
		"aria-label": "Find an emoji",
		autocomplete: "off",
		input: () => draw(),
	});
	const grid = el("div.emoji-grid", { role: "group", "aria-label": "Emoji" });
	const close = () => dialog.close();
	const draw = () => {
		const words = search.value.trim().toLowerCase();
		const found = EMOJI.filter(({ name }) => name.includes(words));
		grid.replaceChildren(
			...found.map(({ sign, name }) =>
				el("button.emoji", { "aria-label": name, title: name, click: () => (close(), pick(sign)) }, sign)
			),
		);
		if (!found.length) grid.append(el("p.muted", { role: "status" }, "No emoji has that name."));
	};
	const ended = () => {
		dialog.remove();
		// this runs late: the focus may be elsewhere by now
		if (document.activeElement === document.body) before?.focus?.({ preventScroll: true });
	};
	const dialog = el(
		"dialog.popup.emoji-picker",
		{
			"aria-label": "Add a reaction",
			close: ended,
			click: ({ target }) => target === dialog && close(),
			keydown: (event) => move(event, search, grid),
		},
		search,
		grid,
	);
	draw();
	document.body.append(dialog);
	dialog.showModal();
	place(dialog, rectangle, { align: "right" });
	search.focus();
}

function move(event, search, grid) {
	const cells = [...grid.querySelectorAll("button")];
	const searching = document.activeElement === search;
	const at = cells.indexOf(document.activeElement);
	if (event.key === "Enter" && searching) cells[0]?.click();
	const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: at < 0 ? 1 : COLUMNS, ArrowUp: -COLUMNS }[event.key];
	if (!step || (searching && event.key !== "ArrowDown")) return;
	event.preventDefault();
	(cells[at + step] ?? (at + step < 0 ? search : cells.at(-1)))?.focus();
}
