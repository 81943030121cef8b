import "./channels.js";
import "./composer.js";
import "./list.js";
import "./modal.js";
import "./panel.js";
import "./people.js";
import { toggleDrawer } from "./channels.js";
import { Feed } from "./feed.js";
import { read, write } from "./memory.js";
import { store } from "./store.js";
import { channelUrl } from "./urls.js";

const feed = new Feed((frame) => store.apply(frame), (state) => store.setConnection(state));

addEventListener("switch-user", ({ detail }) => {
	write("user", detail);
	feed.open(detail);
});
document.querySelector("#scrim").addEventListener("click", () => toggleDrawer(false));
addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
	if (key === "Escape") toggleDrawer(false);
	// whoever starts to type means the composer
	const idle = document.activeElement === document.body && !document.querySelector("dialog[open]");
	if (idle && key.length === 1 && !ctrlKey && !metaKey && !altKey) document.querySelector("#composer-input").focus();
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

feed.open(read("user", null));
