import { dismissMessage } from "./api.js";
import { accent, components } from "./components.js";
import { avatar, displayName, el, icon } from "./dom.js";
import { dots, waitingText } from "./interact.js";
import { markdown } from "./markdown.js";
import { attachments, gallery, picture } from "./media.js";
import { store } from "./store.js";
import { absolute, secondsOf, stamp } from "./time.js";

const EPHEMERAL = 64; // message flags, as in Discord's reference
const LOADING = 128;
const GROUP_GAP = 7 * 60; // seconds: one person's messages within seven minutes share a head

const known = (user) => ({ ...user, ...store.users.get(user.id) });

/** Whether this message may stand below the one before without its own head. */
export function groups(before, message) {
	if (!before || usedCommand(message) || (before.flags & EPHEMERAL) !== (message.flags & EPHEMERAL)) return false;
	return before.author.id === message.author.id && secondsOf(message.timestamp) - secondsOf(before.timestamp) < GROUP_GAP;
}

function usedCommand(message) {
	const call = message.interaction_metadata;
	if (call?.type !== 2 || call.original_response_message_id) return null;
	return { user: call.user, name: message.interaction?.name ?? store.titleOf(call.id) };
}

/** One message; it redraws itself in place when the message changes and keeps the focus where it was. */
class ChatMessage extends HTMLElement {
	connectedCallback() {
		this.setAttribute("role", "article");
	}

	show(message, grouped) {
		const held = this.contains(document.activeElement) ? document.activeElement.dataset.press : null;
		const call = usedCommand(message);
		const dismiss = () => dismissMessage(message.id).catch((problem) => this.note(problem.message));
		const note = message.flags & EPHEMERAL ? onlyYou(dismiss) : null;
		this.errorLine = el("p.failure", { role: "status" });
		this.className = `${grouped ? "grouped" : ""} ${note ? "ephemeral" : ""}`;
		this.replaceChildren(...shape({
			user: known(message.author), at: message.timestamp, grouped, call, body: [body(message), this.errorLine, note],
		}));
		if (held) [...this.querySelectorAll("[data-press]")].find((node) => node.dataset.press === held)?.focus();
	}

	/** A command on its way: the same head, and how far it is. */
	wait(entry) {
		const bot = known({ id: store.bot.id, username: "Expanse", bot: true });
		const failed = entry.state === "failed";
		const note = failed ? onlyYou(() => store.settle(entry.nonce, "forgotten")) : null;
		this.className = note ? "ephemeral" : "";
		this.replaceChildren(...shape({ user: bot, at: entry.at, call: { user: store.me, name: entry.title }, body: [waitingText(entry), note] }));
	}

	note(text) {
		this.errorLine.textContent = text;
	}
}
customElements.define("chat-message", ChatMessage);

function shape({ user, at, grouped, call, body: inside }) {
	const content = el("div.content", inside);
	const seconds = secondsOf(at);
	const time = el("time.stamp", { datetime: at, title: absolute(seconds, "F") }, grouped ? absolute(seconds, "t") : stamp(at));
	if (grouped) return [el("span.gutter", time), content];
	const head = el("div.head", el("span.name", displayName(user)), user.bot ? el("span.badge", "APP") : null, time);
	return [call ? spine(call) : null, el("span.gutter", avatar(user)), el("div.column", head, content)].filter(Boolean);
}

function spine({ user, name }) {
	const who = known(user);
	return el("div.spine", avatar(who), el("span.name", displayName(who)), name ? [" used ", el("span.mention", `/${name}`)] : " used a command");
}

function body(message) {
	if (message.flags & LOADING) return [el("p.thinking", dots(), `${displayName(known(message.author))} is thinking…`)];
	const text = message.content ? el("div.markdown", markdown(message.content)) : null;
	const edited = message.edited_timestamp
		? el("span.edited", { title: absolute(secondsOf(message.edited_timestamp), "F") }, "(edited)") : null;
	return [text, attachments(message), (message.embeds ?? []).map(embed), components(message), edited];
}

function embed(item) {
	const field = (part) => el("div", { class: part.inline ? "field inline" : "field" }, el("strong", part.name), markdown(part.value));
	const image = item.image ?? item.thumbnail;
	const box = el("div.container.embed",
		item.author ? el("div.subtext", item.author.name) : null,
		item.title ? el("div.embed-title", item.title) : null,
		item.description ? el("div.display", markdown(item.description)) : null,
		item.fields?.length ? el("div.fields", item.fields.map(field)) : null,
		image ? gallery([picture(image, { alt: item.title ?? "" })]) : null,
		item.footer ? el("div.subtext", item.footer.text) : null);
	accent(box, item.color);
	return box;
}

function onlyYou(dismiss) {
	return el("p.only-you", icon("eye"), "Only you can see this", " · ", el("button.link", { click: dismiss }, "Dismiss message"));
}
