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
addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
	if (key === "Escape") toggleDrawer(false);
	// whoever starts to type means the composer
	const idle = !document.activeElement.closest("input, textarea, .log, [role=combobox], [popover]") && !document.querySelector("dialog[open]");
	if (idle && key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey) document.querySelector("#composer-input").focus();
});

/** An address may name a message: #guild/channel/message. */
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
