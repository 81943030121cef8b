import { write } from "./memory.js";
import { store } from "./store.js";

const FIRST_WAIT = 300; // milliseconds; doubled after each failure
const LONGEST_WAIT = 5000;
const NOBODY = 4004; // close code: a different sandbox knew this person

let socket = null;
let timer = 0;
let failures = 0;

/**
 * Follow the live feed as this person (null: the server's default) over one WebSocket, which reconnects by itself
 * and then gets a new snapshot.
 */
export function watch(user) {
	clearTimeout(timer);
	socket?.close();
	const query = user ? `?user=${encodeURIComponent(user)}` : "";
	const made = new WebSocket(`${location.origin.replace(/^http/, "ws")}/_page/ws${query}`);
	socket = made;
	made.addEventListener("message", ({ data }) => {
		if (socket !== made) return;
		failures = 0;
		store.setConnection("live");
		store.apply(JSON.parse(data));
	});
	made.addEventListener("close", ({ code }) => {
		if (socket !== made) return;
		store.setConnection("lost");
		if (code === NOBODY) write("user", user = null);
		const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures) * (0.75 + Math.random() / 2);
		failures += 1;
		timer = setTimeout(watch, wait, user);
	});
}
