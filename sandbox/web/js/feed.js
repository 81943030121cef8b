const FIRST_WAIT = 300; // milliseconds; doubled after each failure
const LONGEST_WAIT = 5000;

/** The live feed: one WebSocket that comes back by itself, and asks for a fresh snapshot when it does. */
export class Feed {
	#socket = null;
	#timer = 0;
	#failures = 0;
	#user = null;

	constructor(onFrame, onState) {
		this.onFrame = onFrame;
		this.onState = onState;
	}

	/** Watch as this person (null: whoever the server takes first). */
	open(user) {
		this.#user = user;
		this.#failures = 0;
		this.#connect();
	}

	#connect() {
		clearTimeout(this.#timer);
		this.#socket?.close();
		const query = this.#user ? `?user=${encodeURIComponent(this.#user)}` : "";
		const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/_page/ws${query}`);
		this.#socket = socket;
		const current = (run) => (event) => this.#socket === socket && run(event);
		socket.addEventListener("message", current((event) => this.#receive(event)));
		socket.addEventListener("close", current(() => this.#lost()));
	}

	#receive(event) {
		this.#failures = 0;
		this.onState("live");
		this.onFrame(JSON.parse(event.data));
	}

	#lost() {
		this.#socket = null;
		this.onState("lost");
		const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
		this.#failures += 1;
		this.#timer = setTimeout(() => this.#connect(), wait * (0.75 + Math.random() / 2));
	}
}
