import { displayName, el } from "./dom.js";
import { store } from "./store.js";
import { liveTime } from "./time.js";
import { channelUrl, localUrl } from "./urls.js";

const DEPTH = 8; // deeper nesting than people write; it bounds the work a hostile text can ask for
const FARTHEST = 8.64e12; // seconds from 1970 that a Date can hold
const FENCE = /```(?:([\w+#-]*)\n)?([^]*?)```/g;

/** Render Discord's markdown as DOM nodes; whatever is no markdown we know stays text. */
export function markdown(text) {
	const blocks = [];
	let from = 0;
	for (const fence of text.matchAll(FENCE)) {
		blocks.push(...lines(text.slice(from, fence.index)));
		blocks.push(el("pre.code", { tabindex: "0", "data-language": fence[1] || null }, el("code", fence[2].replace(/\n$/, ""))));
		from = fence.index + fence[0].length;
	}
	return [...blocks, ...lines(text.slice(from))];
}

const BLOCKS = [
	[/^(#{1,3}) +(.+)/, (m) => el("div", { class: `heading h${m[1].length}`, role: "heading", "aria-level": m[1].length + 2 }, inline(m[2]))],
	[/^-# +(.+)/, (m) => el("div.subtext", inline(m[1]))],
	[/^( *)[-*] +(.+)/, (m) => el("div", { class: m[1].length > 1 ? "item deep" : "item" }, inline(m[2]))],
	[/^ *(\d{1,3})\. +(.+)/, (m) => el("div.item.numbered", { "data-number": `${m[1]}.` }, inline(m[2]))],
];

function lines(text, mayQuote = true) {
	const blocks = [];
	const plain = [];
	const flush = () => {
		const body = plain.splice(0).join("\n");
		if (body.trim()) blocks.push(el("div.text", inline(body.replace(/^\n+|\n+$/g, ""))));
	};
	const rows = text.split("\n");
	for (let at = 0; at < rows.length; at += 1) {
		const quoted = mayQuote && quoteAt(rows, at);
		const found = quoted ? null : block(rows[at]);
		if (!quoted && !found) {
			plain.push(rows[at]);
			continue;
		}
		flush();
		if (quoted) {
			blocks.push(el("blockquote", lines(quoted.join("\n"), false)));
			at += quoted.length - 1;
		} else blocks.push(found);
	}
	flush();
	return blocks;
}

function block(row) {
	for (const [shape, build] of BLOCKS) {
		const match = shape.exec(row);
		if (match) return build(match);
	}
	return null;
}

function quoteAt(rows, at) {
	if (rows[at].startsWith(">>> ")) return [rows[at].slice(4), ...rows.slice(at + 1)];
	const quoted = [];
	for (let row = at; rows[row]?.startsWith("> "); row += 1) quoted.push(rows[row].slice(2));
	return quoted.length ? quoted : null;
}

const mention = (text) => el("span.mention", text);
function toChannel(id) {
	const channel = store.channels.get(id);
	return channel ? el("button.mention", { click: () => store.goTo(id) }, `#${channel.name}`) : mention("#unknown");
}
const nest = (tag) => (m, depth) => el(tag, {}, inline(m[1], depth + 1));

const INLINE = [
	[/\\([^\w\s])/y, (m) => m[1]],
	[/``([^]+?)``(?!`)/y, (m) => el("code", m[1].trim())],
	[/`([^`\n]+)`/y, (m) => el("code", m[1])],
	[/<@!?(\d{1,20})>/y, (m) => mention(`@${displayName(store.users.get(m[1]) ?? {})}`)],
	[/<#(\d{1,20})>/y, (m) => toChannel(m[1])],
	[/<@&(\d{1,20})>/y, (m) => mention(`@${store.roles.get(m[1])?.name ?? "role"}`)],
	[/<\/([^:>]{1,100}):\d{1,20}>/y, (m) => mention(`/${m[1]}`)],
	[/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => (Math.abs(m[1]) < FARTHEST ? liveTime(Number(m[1]), m[2] ?? "f") : m[0])],
	[/<a?(:\w{2,32}:)\d{1,20}>/y, (m) => m[1]],
	[/\*\*\*([^*]+)\*\*\*/y, (m, depth) => el("strong", el("em", inline(m[1], depth + 1)))],
	[/\*\*((?:[^*]|\*(?!\*))+)\*\*/y, nest("strong")],
	[/\*(?=\S)((?:[^*]|\*\*[^*]+\*\*)+)\*/y, nest("em")],
	[/__([^_]+(?:_[^_]+)*)__/y, nest("u")],
	[/_(?=\S)([^_]+)_(?!\w)/y, nest("em")],
	[/~~((?:[^~]|~(?!~))+)~~/y, nest("s")],
	[/\|\|((?:[^|]|\|(?!\|))+)\|\|/y, spoiler],
	[/\[([^\]\n]{1,500})\]\(<?(https?:\/\/[^\s)>]+)>?\)/y, (m, depth) => link(inline(m[1], depth + 1), m[2])],
	[/<?(https?:\/\/[^\s<>]*[^\s<>.,:;"')\]])>?/y, (m) => link([m[1]], m[1])],
];
const SPECIAL = /[\\`<*_~|[h]/g;

function inline(text, depth = 0) {
	if (depth > DEPTH) return [text];
	const nodes = [];
	let plain = 0;
	let at = 0;
	while (at < text.length) {
		SPECIAL.lastIndex = at;
		const special = SPECIAL.exec(text);
		if (!special) break;
		at = special.index;
		const hit = ruleAt(text, at);
		if (hit) {
			nodes.push(text.slice(plain, at), hit.build(hit.match, depth));
			at += hit.match[0].length;
			plain = at;
		} else at += 1;
	}
	nodes.push(text.slice(plain));
	return nodes.filter((node) => node !== "");
}

function ruleAt(text, at) {
	// An underscore inside a word is part of the word: file_name_2.png.
	if (text[at] === "_" && /\w/.test(text[at - 1] ?? "")) return null;
	for (const [shape, build] of INLINE) {
		shape.lastIndex = at;
		const match = shape.exec(text);
		if (match) return { match, build };
	}
	return null;
}

/** Only links into this machine may be followed; others are shown with their address. */
function link(label, address) {
	const place = channelUrl(address);
	if (place && store.channels.has(place[0])) {
		const named = label.length === 1 && label[0] === address ? `#${store.channels.get(place[0]).name}${place[1] ? " › message" : ""}` : label;
		return el("button.mention", { click: () => store.goTo(...place) }, named);
	}
	const local = localUrl(address);
	if (local) return el("a", { href: local, target: "_blank", rel: "noopener" }, label);
	const same = label.length === 1 && label[0] === address;
	return el("span.far-link", label, same ? null : ` (${address})`);
}

function spoiler(match, depth) {
	const hidden = el("span.spoiler-text", inline(match[1], depth + 1));
	const reveal = () => button.replaceWith(hidden);
	const button = el("button.spoiler-cover", { click: reveal }, "Spoiler: show");
	return button;
}
