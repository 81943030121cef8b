import { deleteMessage } from "./api.js";
import { components } from "./components.js";
import { avatar, displayName, el, icon } from "./dom.js";
import { embeds, emojis } from "./lazy.js";
import { markdown } from "./markdown.js";
import { attachments, gallery, picture } from "./media.js";
import { EPHEMERAL, FAILED, store } from "./store.js";
import { absolute, secondsOf, stamp } from "./time.js";

const LOADING = 128; // message flag, as in Discord's reference
const PIN_NOTE = 6; // message types
const THREAD_NOTE = 18;
const REPLY = 19;
const MODAL = 5; // interaction type
const GROUP_GAP = 7 * 60; // seconds: one person's messages within seven minutes share a head
const SNIPPET = 140; // characters of a message that a reply to it shows

const known = (user) => ({ ...user, ...store.guild.users.get(user.id) });
const isNotice = ({ type }) => type === PIN_NOTE || type === THREAD_NOTE;

/** Whether a message can share the head of the one before. */
export function groups(before, message) {
	if (!before || isNotice(message) || isNotice(before) || usedCommand(message) || message.type === REPLY) return false;
	if ((before.flags ^ message.flags) & EPHEMERAL || before.author.id !== message.author.id) return false;
	return secondsOf(message.timestamp) - secondsOf(before.timestamp) < GROUP_GAP;
}

function usedCommand(message) {
	const call = message.interaction_metadata;
	if ((call?.type !== 2 && call?.type !== MODAL) || call.original_response_message_id || message.referenced_message) {
		return null;
	}
	// an answer may arrive before its command is known
	const name = message.interaction?.name ?? call.triggering_interaction_metadata?.name ??
		store.waiting.find(({ interactionId }) => interactionId === call.id)?.title;
	return call.type === MODAL && !name ? null : { user: call.user, name };
}

/** One message; it redraws itself in place when it changes, and keeps the focus. */
class ChatMessage extends HTMLElement {
	connectedCallback() {
		this.role = "article";
		this.tabIndex = -1;
	}

	show(message, grouped) {
		const held = this.contains(document.activeElement) ? document.activeElement.dataset.press : null;
		const note = message.flags & EPHEMERAL
			? onlyYou(() => deleteMessage(message.id).catch((problem) => this.note(problem.message)))
			: null;
		const user = known(message.author);
		const call = usedCommand(message);
		const spine = call ? usedSpine(call) : message.type === REPLY && replySpine(message);
		Object.assign(this, { message, grouped });
		this.errorLine = el("p.failure", { role: "status" });
		this.className = [
			grouped && "grouped",
			note && "ephemeral",
			message.mentions?.some(({ id }) => id === store.me.id) && "mentions-me",
		].filter(Boolean).join(" ");
		this.ariaLabel = `${displayName(user)}, ${stamp(message.timestamp)}`;
		if (isNotice(message)) this.#notice(message, user);
		else {this.#shape(
				{ user, at: message.timestamp, grouped, spine },
				body(message),
				this.#reactions(message),
				thread(message),
				this.errorLine,
				note,
			);}
		if (held) [...this.querySelectorAll("[data-press]")].find((node) => node.dataset.press === held)?.focus();
	}

	/** A command in progress: the same head, and its state. */
	wait({ nonce, state, title, at }) {
		const bot = known({ id: store.bot.id, username: "Expanse", bot: true });
		const note = state === "failed" ? onlyYou(() => store.settle(nonce, "forgotten")) : null;
		const how = note
			? el("p.failure", { role: "alert" }, FAILED)
			: el("p.thinking", dots(), state === "sent" ? "Waiting for Expanse…" : "Sending…");
		this.className = note ? "ephemeral" : "";
		this.#shape({ user: bot, at, spine: usedSpine({ user: store.me, name: title }) }, how, note);
	}

	note(text) {
		this.errorLine.textContent = text;
	}

	#shape({ user, at, grouped, spine }, ...inside) {
		const content = el("div.content", inside);
		const seconds = secondsOf(at);
		const time = el(
			"time.stamp",
			{ datetime: at, title: absolute(seconds, "F") },
			grouped ? absolute(seconds, "t") : stamp(at),
		);
		const head = el("div.head", el("strong", displayName(user)), user.bot && el("span.badge", "APP"), time);
		this.replaceChildren(
			...(grouped ? [el("span", time), content] : [spine || "", el("span", avatar(user)), el("div", head, content)]),
		);
	}

	#notice({ type, content, timestamp }, user) {
		this.classList.add("notice");
		const time = el("time.stamp", { datetime: timestamp }, stamp(timestamp));
		const what = type === PIN_NOTE
			? ["pinned a message to this channel."]
			: ["started a thread: ", el("strong", content), ". "];
		this.replaceChildren(
			el("span", icon(type === PIN_NOTE ? "pin" : "thread")),
			el("div.content", el("p", el("strong", displayName(user)), " ", what, time), this.errorLine),
		);
	}

	#reactions(message) {
		if (!message.reactions?.length) return null;
		return later("div.reactions", emojis, (part) => part.reactions(this, message));
	}
}
customElements.define("chat-message", ChatMessage);

/** A placeholder for another part of the page, filled immediately if that is loaded. */
function later(kind, part, draw) {
	const box = el(kind);
	part((module) => box.append(...draw(module)), true);
	return box;
}

const dots = () => el("span.dots", { "aria-hidden": "true" }, "●●●");

function spineOf(user, ...rest) {
	const who = known(user);
	return el("div.spine", avatar(who), el("strong", displayName(who)), rest);
}

const usedSpine = ({ user, name }) =>
	spineOf(user, name ? ["used", el("span.mention", name.startsWith("/") ? name : `/${name}`)] : "used a command");

function replySpine({ referenced_message: found, message_reference: { channel_id: place, message_id: id } }) {
	const target = found ?? store.find(id, place); // an ephemeral one is only in its reader's store
	if (!target) return el("div.spine", el("em", "The original message was deleted."));
	const go = () => store.goTo(target.channel_id, target.id);
	return spineOf(
		target.author,
		el(
			"button.snippet",
			{ "aria-label": `Go to the message of ${displayName(known(target.author))}`, click: go },
			snippet(target),
		),
	);
}

function snippet({ content, components: parts = [], embeds, attachments: files }) {
	const inside = (part) =>
		part.content ?? [...(part.components ?? []), part.component].filter(Boolean).map(inside).join("\n");
	const text = content || parts.map(inside).join("\n") || embeds?.[0]?.title || embeds?.[0]?.description || "";
	const plain = markdown(text).map((node) => node.textContent ?? node).join(" ").replace(/\s+/g, " ").trim();
	return plain.slice(0, SNIPPET) || (files?.length ? "Picture or file" : "Message");
}

function thread(message) {
	if (!message.thread) return null;
	const { id, name } = store.channels.get(message.thread.id) ?? message.thread;
	return el(
		"div.thread-card",
		icon("thread"),
		el("strong", name),
		el("button.link", { "aria-label": `Open thread ${name}`, click: () => store.goTo(id) }, "Open thread"),
	);
}

function body(message) {
	if (message.flags & LOADING) return el("p.thinking", dots(), `${displayName(known(message.author))} is thinking…`);
	const { content, embeds: cards = [], edited_timestamp: edited } = message;
	return [
		content && el("div", markdown(content)),
		attachments(message),
		cards.map((card) =>
			card.type === "image"
				? gallery([picture(card.thumbnail, { spoiler: hides(content, card.url) })])
				: later("div", embeds, ({ embed }) => [embed(card)])
		),
		components(message),
		message.message_snapshots?.map(({ message: shown }) =>
			el("blockquote.forward", el("p.subtext", "Forwarded"), body(shown))
		),
		edited && el("span.edited", { title: absolute(secondsOf(edited), "F") }, "(edited)"),
	];
}

/** Whether a text has a link as ||link||. */
const hides = (text, url) => text.split("||").some((part, at) => at % 2 && part.includes(url));

const onlyYou = (dismiss) =>
	el("p.only-you", icon("eye"), "Only you can see this · ", el("button.link", { click: dismiss }, "Dismiss message"));
