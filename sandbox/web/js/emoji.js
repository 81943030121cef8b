import { el } from "./dom.js";
import { place } from "./menu.js";

// The usual ones first. Names are what a screen reader says and what the search finds.
const EMOJI = `👍 thumbs up|❤️ heart|😂 laughing|😮 surprised|😢 crying|🔥 fire|⭐ star|🎉 party|👎 thumbs down|👏 clapping|🙏 please|💯 hundred
😀 grinning|😊 smiling|😍 heart eyes|🤔 thinking|😎 sunglasses|🥳 celebrating|😅 sweat smile|😭 sobbing|😡 angry|🤯 mind blown|😴 sleeping|🙈 see no evil
👀 eyes|👋 waving|👌 ok hand|💪 strong|🤝 handshake|✅ done|❌ cross|❓ question|❗ exclamation|⚠️ warning|💡 idea|🚀 rocket
🖼️ picture|🎨 palette|📷 camera|🌄 mountains|🌅 sunrise|🌊 wave|🌈 rainbow|🌙 moon|☀️ sun|🌲 tree|🌸 blossom|🏔️ peak
🐱 cat|🐶 dog|🦊 fox|🐢 turtle|🍕 pizza|🍰 cake|☕ coffee|🍀 clover|⏳ waiting|🔍 search|📌 pin|🏆 trophy`.split(/[\n|]/).map((entry) => {
	const [sign, ...words] = entry.split(" ");
	return { sign, name: words.join(" ") };
});
const COLUMNS = 8;

/** Say an emoji's name, or the emoji itself where it has none here. */
export const emojiName = (sign) => EMOJI.find((each) => each.sign === sign || each.sign.replace("\ufe0f", "") === sign)?.name ?? sign;

/** Open the picker at a rectangle; `pick` gets the chosen emoji. */
export function openEmoji(rectangle, pick) {
	const before = document.activeElement;
	const search = el("input", { type: "text", placeholder: "Find an emoji", "aria-label": "Find an emoji", autocomplete: "off" });
	const grid = el("div.emoji-grid", { role: "group", "aria-label": "Emoji" });
	const close = () => dialog.close();
	const draw = () => {
		const words = search.value.trim().toLowerCase();
		const found = EMOJI.filter(({ name }) => name.includes(words));
		grid.replaceChildren(...found.map(({ sign, name }) => el("button.emoji-cell", { "aria-label": name, title: name, click: () => (close(), pick(sign)) }, sign)));
		if (!found.length) grid.append(el("p.muted", { role: "status" }, "No emoji has that name."));
	};
	const dialog = el("dialog.popup.emoji-picker", { "aria-label": "Add a reaction" }, search, grid);
	search.addEventListener("input", draw);
	dialog.addEventListener("click", (event) => event.target === dialog && close());
	dialog.addEventListener("keydown", (event) => move(event, search, grid));
	dialog.addEventListener("close", () => {
		dialog.remove();
		// this comes a moment late: somebody may be typing elsewhere by now
		if (document.activeElement === document.body) before?.focus?.({ preventScroll: true });
	});
	draw();
	document.body.append(dialog);
	dialog.showModal();
	place(dialog, rectangle, { align: "right" });
	search.focus();
}

function move(event, search, grid) {
	const cells = [...grid.querySelectorAll("button")];
	const at = cells.indexOf(document.activeElement);
	if (event.key === "Enter" && document.activeElement === search) cells[0]?.click();
	const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: at < 0 ? 1 : COLUMNS, ArrowUp: -COLUMNS }[event.key];
	if (!step || (document.activeElement === search && event.key !== "ArrowDown")) return;
	event.preventDefault();
	(cells[at + step] ?? (at + step < 0 ? search : cells.at(-1)))?.focus();
}
