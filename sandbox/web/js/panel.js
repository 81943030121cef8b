import { request } from "./api.js";
import { el, round } from "./dom.js";
import { read, write } from "./memory.js";
import { VIEWS } from "./panel_views.js";
import { store } from "./store.js";

const LOOK = 2000; // milliseconds between refreshes while the panel is open

class SidePanel extends HTMLElement {
	#at = read("panel-tab", 0);
	#data = null;
	#timer = 0;

	connectedCallback() {
		this.role = "complementary";
		this.ariaLabel = "Behind the scenes";
		this.tabs = VIEWS.map(({ title }, at) =>
			el(
				"button",
				{ role: "tab", id: `panel-tab-${at}`, "aria-controls": "panel-view", click: () => this.#choose(at) },
				title,
			)
		);
		this.view = el("div", { role: "tabpanel", id: "panel-view", tabindex: "0" });
		this.note = el("p.failure", { role: "alert" });
		this.append(
			el("div.bar", el("h2", "Behind the scenes"), round("close", "Close the panel", () => this.toggle(false))),
			el("div", { role: "tablist", "aria-label": "What to show", keydown: (event) => this.#key(event) }, this.tabs),
			this.view,
		);
		this.addEventListener("keydown", ({ key }) => key === "Escape" && this.toggle(false));
		store.on("books reset bot channel channels", () => this.hidden || this.#load());
	}

	toggle(open = this.hidden, focus = true) {
		this.hidden = !open;
		write("panel", open);
		store.say("panel", { open });
		clearInterval(this.#timer);
		if (!open) return void (focus && document.querySelector("[aria-controls=panel]").focus());
		this.#timer = setInterval(() => document.hidden || this.#load(), LOOK);
		this.#choose(this.#at);
		if (focus) this.tabs[this.#at].focus();
		this.#load();
	}

	#choose(at) {
		this.#at = at;
		write("panel-tab", at);
		this.tabs.forEach((tab, place) => {
			tab.ariaSelected = String(place === at);
			tab.tabIndex = place === at ? 0 : -1;
		});
		this.view.setAttribute("aria-labelledby", `panel-tab-${at}`);
		this.drawn = "";
		this.#draw();
	}

	async #load() {
		try {
			const place = store.guilds.has(store.guildId) ? `?guild=${store.guildId}&channel=${store.channelId}` : "";
			this.#data = await request("GET", `panel${place}`);
			this.note.textContent = "";
		} catch (problem) {
			this.note.textContent = problem.message;
		}
		this.#draw();
	}

	/** Redraw only what changed, so that reading or tabbing is not disturbed. */
	#draw() {
		const { shows, draw } = VIEWS[this.#at];
		const look = JSON.stringify([this.#at, this.#data && shows(this.#data)]);
		if (!this.#data || look === this.drawn) return;
		this.drawn = look;
		const held = this.view.contains(document.activeElement) ? document.activeElement.dataset.key : null;
		const top = this.view.scrollTop;
		const act = (run) => async () => {
			await run().catch((problem) => (this.note.textContent = problem.message));
			await this.#load();
		};
		this.view.replaceChildren(...draw(this.#data, act), this.note);
		this.view.scrollTop = top;
		if (held) this.view.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
	}

	#key(event) {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!step) return;
		event.preventDefault();
		this.#choose((this.#at + step + VIEWS.length) % VIEWS.length);
		this.tabs[this.#at].focus();
	}
}
customElements.define("side-panel", SidePanel);
