import { toggleDrawer } from "./channels.js";
import "./composer.js";
import { watch } from "./feed.js";
import { modals, panel } from "./lazy.js";
import "./list.js";
import { read, write } from "./memory.js";
import "./people.js";
import { store } from "./store.js";
import { channelUrl } from "./urls.js";

const sidePanel = document.querySelector("side-panel");

addEventListener("switch-user", ({ detail }) => {
	write("user", detail);
	watch(detail);
});
document.querySelector("#scrim").addEventListener("click", () => toggleDrawer(false));
addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey, defaultPrevented }) => {
	if (key === "Escape") toggleDrawer(false);
	// typing anywhere is meant for the composer, also right after a click on a button
	const at = document.activeElement;
	const idle = at === document.body
		? !document.querySelector("dialog[open]")
		: key !== " " && !at.matches("chat-message") &&
			!at.closest("input, textarea, form, dialog, [role=menu], [role=combobox], [role=tablist]");
	if (idle && !defaultPrevented && key.length === 1 && !ctrlKey && !metaKey && !altKey) {
		document.querySelector("#composer-input").focus();
	}
});

/** A URL may name a message: #guild/channel/message. */
function followAddress() {
	const place = channelUrl(location.href);
	if (!place || !store.channels.has(place[0])) return;
	history.replaceState(null, "", location.pathname);
	store.goTo(...place);
}
addEventListener("hashchange", followAddress);
store.on("reset", followAddress);
store.on("modal", (modal) => modals(({ openAnswer }) => openAnswer(modal)));
store.on("behind", () => panel(() => sidePanel.toggle()));
store.on("reset", () => read("panel", false) && sidePanel.hidden && panel(() => sidePanel.toggle(true, false), true));

watch(read("user", null));
