import { deleteMessage, react } from "./api.js";
import { components } from "./components.js";
import { avatar, displayName, el, icon } from "./dom.js";
import { embed } from "./embeds.js";
import { emojiName } from "./emoji.js";
import { dots, waitingText } from "./interact.js";
import { markdown } from "./markdown.js";
import { attachments } from "./media.js";
import { pickReaction } from "./message_menu.js";
import { store } from "./store.js";
import { absolute, secondsOf, stamp } from "./time.js";

const EPHEMERAL = 64; // message flags, as in Discord's reference
const LOADING = 128;
const PIN_NOTE = 6; // message types
const THREAD_NOTE = 18;
const REPLY = 19;
const MODAL = 5; // interaction type
const GROUP_GAP = 7 * 60; // seconds: one person's messages within seven minutes share a head
const SNIPPET = 140; // characters of a message that a reply to it shows

const known = (user) => ({ ...user, ...store.users.get(user.id) });

/** Whether this message may stand below the one before without its own head. */
export function groups(before, message) {
	if (!before || usedCommand(message) || message.type === REPLY || (before.flags & EPHEMERAL) !== (message.flags & EPHEMERAL)) return false;
	if (NOTES[message.type] || NOTES[before.type]) return false;
	return before.author.id === message.author.id && secondsOf(message.timestamp) - secondsOf(before.timestamp) < GROUP_GAP;
}

function usedCommand(message) {
	const call = message.interaction_metadata;
	if ((call?.type !== 2 && call?.type !== MODAL) || call.original_response_message_id || message.referenced_message) return null;
	const name = message.interaction?.name ?? call.triggering_interaction_metadata?.name ?? store.titleOf(call.id);
	return call.type === MODAL && !name ? null : { user: call.user, name };
}

/** One message; it redraws itself in place when the message changes and keeps the focus where it was. */
class ChatMessage extends HTMLElement {
	connectedCallback() {
		this.setAttribute("role", "article");
		this.tabIndex = -1;
	}

	show(message, grouped) {
		const held = this.contains(document.activeElement) ? document.activeElement.dataset.press : null;
		const call = usedCommand(message);
		const dismiss = () => deleteMessage(message.id).catch((problem) => this.note(problem.message));
		const note = message.flags & EPHEMERAL ? onlyYou(dismiss) : null;
		const user = known(message.author);
		this.message = message;
		this.dataset.id = message.id;
		this.errorLine = el("p.failure", { role: "status" });
		this.className = [grouped && "grouped", note && "ephemeral", message.mentions?.some(({ id }) => id === store.me.id) && "mentions-me"].filter(Boolean).join(" ");
		this.setAttribute("aria-label", `${displayName(user)}, ${stamp(message.timestamp)}`);
		if (NOTES[message.type]) return this.#notice(message, user);
		const spine = call ? usedSpine(call) : message.type === REPLY ? replySpine(message) : null;
		this.replaceChildren(...shape({
			user, at: message.timestamp, grouped, spine, body: [body(message), this.#reactions(message), thread(message), this.errorLine, note],
		}));
		if (held) [...this.querySelectorAll("[data-press]")].find((node) => node.dataset.press === held)?.focus();
		return undefined;
	}

	/** A command on its way: the same head, and how far it is. */
	wait(entry) {
		const bot = known({ id: store.bot.id, username: "Expanse", bot: true });
		const failed = entry.state === "failed";
		const note = failed ? onlyYou(() => store.settle(entry.nonce, "forgotten")) : null;
		this.className = note ? "ephemeral" : "";
		this.replaceChildren(...shape({ user: bot, at: entry.at, spine: usedSpine({ user: store.me, name: entry.title }), body: [waitingText(entry), note] }));
	}

	note(text) {
		this.errorLine.textContent = text;
	}

	#notice(message, user) {
		this.classList.add("notice");
		const time = el("time.stamp", { datetime: message.timestamp }, stamp(message.timestamp));
		this.replaceChildren(el("span.gutter", icon(message.type === PIN_NOTE ? "pin" : "thread")),
			el("div.content", el("p", el("strong", displayName(user)), " ", NOTES[message.type](message), time), this.errorLine));
	}

	#reactions(message) {
		const all = message.reactions ?? [];
		if (!all.length) return null;
		const turn = (each) => () => react(message.id, each.emoji.name, !each.me).catch((problem) => this.note(problem.message));
		const chip = (each) => {
			const who = (each.users ?? []).map((id) => displayName(store.users.get(id) ?? {})).join(", ");
			return el("button.reaction", {
				"aria-pressed": String(each.me), "data-press": `react:${each.emoji.name}`, title: who, click: turn(each),
				"aria-label": `${emojiName(each.emoji.name)}: ${each.count}${who ? `, ${who}` : ""}`,
			}, el("span.emoji", each.emoji.name), el("span", each.count));
		};
		const add = el("button.reaction.add", { "aria-label": "Add reaction", "data-press": "react", click: ({ currentTarget }) => pickReaction(this, message, currentTarget.getBoundingClientRect()) }, icon("smile"));
		return el("div.reactions", all.map(chip), add);
	}
}
customElements.define("chat-message", ChatMessage);

const NOTES = {
	[PIN_NOTE]: () => "pinned a message to this channel.",
	[THREAD_NOTE]: (message) => ["started a thread: ", el("strong", message.content), ". "],
};

function shape({ user, at, grouped, spine, body: inside }) {
	const content = el("div.content", inside);
	const seconds = secondsOf(at);
	const time = el("time.stamp", { datetime: at, title: absolute(seconds, "F") }, grouped ? absolute(seconds, "t") : stamp(at));
	if (grouped) return [el("span.gutter", time), content];
	const head = el("div.head", el("span.name", displayName(user)), user.bot ? el("span.badge", "APP") : null, time);
	return [spine, el("span.gutter", avatar(user)), el("div.column", head, content)].filter(Boolean);
}

function usedSpine({ user, name }) {
	const who = known(user);
	return el("div.spine", avatar(who), el("span.name", displayName(who)), name ? [" used ", el("span.mention", name.startsWith("/") ? name : `/${name}`)] : " used a command");
}

function replySpine(message) {
	const target = message.referenced_message;
	if (!target) return el("div.spine", el("em", "The original message was deleted."));
	const who = known(target.author);
	const go = () => store.goTo(target.channel_id, target.id);
	return el("div.spine", avatar(who), el("span.name", displayName(who)), el("button.snippet", { "aria-label": `Go to the message of ${displayName(who)}`, click: go }, snippet(target)));
}

/** The beginning of a message as one line of text. */
function snippet(message) {
	const inside = (parts) => parts.map((part) => part.content ?? inside([...(part.components ?? []), part.component].filter(Boolean))).filter(Boolean).join(" ");
	const text = message.content || inside(message.components ?? []) || message.embeds?.[0]?.title || message.embeds?.[0]?.description || "";
	const plain = markdown(text).map((node) => node.textContent ?? node).join(" ").replace(/\s+/g, " ").trim();
	return plain.slice(0, SNIPPET) || (message.attachments?.length ? "Picture or file" : "Message");
}

function thread(message) {
	if (!message.thread) return null;
	const { id, name } = store.channels.get(message.thread.id) ?? message.thread;
	return el("div.thread-card", icon("thread"), el("strong", name), el("button.link", { "aria-label": `Open thread ${name}`, click: () => store.goTo(id) }, "Open thread"));
}

function body(message) {
	if (message.flags & LOADING) return [el("p.thinking", dots(), `${displayName(known(message.author))} is thinking…`)];
	const text = message.content ? el("div.markdown", markdown(message.content)) : null;
	const edited = message.edited_timestamp
		? el("span.edited", { title: absolute(secondsOf(message.edited_timestamp), "F") }, "(edited)") : null;
	return [text, attachments(message), (message.embeds ?? []).map(embed), components(message), edited];
}

function onlyYou(dismiss) {
	return el("p.only-you", icon("eye"), "Only you can see this", " · ", el("button.link", { click: dismiss }, "Dismiss message"));
}
