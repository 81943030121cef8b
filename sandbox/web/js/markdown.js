import { displayName, el, emoji } from "./dom.js";
import { store } from "./store.js";
import { moment } from "./time.js";
import { channelUrl, localUrl } from "./urls.js";

const DEPTH = 8; // deeper than people nest; it bounds the work for hostile text
const FARTHEST = 8.64e12; // maximum seconds since 1970 in a Date
const FENCE = /```(?:[\w+#-]*\n)?([^]*?)```/g;

/** Render Discord's markdown as DOM nodes; unknown syntax stays text. */
export function markdown(text) {
	const blocks = [];
	let from = 0;
	for (const fence of text.matchAll(FENCE)) {
		blocks.push(...lines(text.slice(from, fence.index)));
		blocks.push(el("pre", { tabindex: "0" }, el("code", fence[1].replace(/\n$/, ""))));
		from = fence.index + fence[0].length;
	}
	return [...blocks, ...lines(text.slice(from))];
}

const BLOCKS = [
	[
		/^(#{1,3}) +(.+)/,
		(m) =>
			el("div", { class: `heading h${m[1].length}`, role: "heading", "aria-level": m[1].length + 2 }, inline(m[2])),
	],
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
	while (rows.length) {
		const quoted = mayQuote ? takeQuote(rows) : null;
		const row = quoted === null ? rows.shift() : "";
		const found = quoted === null ? block(row) : el("blockquote", lines(quoted, false));
		if (found) flush(), blocks.push(found);
		else plain.push(row);
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

/** Take a quote from the rows: everything after ">>> ", or the rows that begin with "> ". */
function takeQuote(rows) {
	if (rows[0].startsWith(">>> ")) return rows.splice(0).join("\n").slice(4);
	const end = rows.findIndex((row) => !row.startsWith("> "));
	if (end === 0) return null;
	return rows.splice(0, end < 0 ? rows.length : end).map((row) => row.slice(2)).join("\n");
}

const mention = (text) => el("span.mention", text);
const jump = (place, text) => el("button.mention", { click: () => store.goTo(...place) }, text);
function toChannel(id) {
	const channel = store.channels.get(id);
	return channel ? jump([id], `#${channel.name}`) : mention("#unknown");
}
const nest = (tag) => (m, depth) => el(tag, {}, inline(m[1], depth + 1));

const INLINE = [
	[/\\([^a-z\d\s])/iy, (m) => m[1]],
	[/``([^]+?)``(?!`)/y, (m) => el("code", m[1].trim())],
	[/`([^`\n]+)`/y, (m) => el("code", m[1])],
	[/<@!?(\d{1,20})>/y, (m) => mention(`@${displayName(store.guild.users.get(m[1]) ?? {})}`)],
	[/<#(\d{1,20})>/y, (m) => toChannel(m[1])],
	[/<@&(\d{1,20})>/y, (m) => mention(`@${store.guild.roles.get(m[1])?.name ?? "role"}`)],
	[/<\/([^:>]{1,100}):\d{1,20}>/y, (m) => mention(`/${m[1]}`)],
	[/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => (Math.abs(m[1]) < FARTHEST ? moment(Number(m[1]), m[2] ?? "f") : m[0])],
	[/<(a?):(\w{2,32}):(\d{1,20})>/y, ([, animated, name, id]) => emoji({ id, name, animated })],
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
	for (const { index: at } of text.matchAll(SPECIAL)) {
		// An underscore inside a word is part of the word: file_name_2.png.
		if (at < plain || (text[at] === "_" && /\w/.test(text[at - 1] ?? ""))) continue;
		for (const [shape, build] of INLINE) {
			shape.lastIndex = at;
			const match = shape.exec(text);
			if (!match) continue;
			nodes.push(text.slice(plain, at), build(match, depth));
			plain = at + match[0].length;
			break;
		}
	}
	return [...nodes, text.slice(plain)].filter((node) => node !== "");
}

/** Only links to this machine can be followed; others are shown with their URL. */
function link(label, address) {
	const bare = label.length === 1 && label[0] === address;
	const place = channelUrl(address);
	const channel = place && store.channels.get(place[0]);
	if (channel) return jump(place, bare ? `#${channel.name}${place[1] ? " › message" : ""}` : label);
	const href = localUrl(address);
	if (href) return el("a", { href, target: "_blank", rel: "noopener" }, label);
	return el("u", label, bare ? "" : ` (${address})`);
}

function spoiler(match, depth) {
	const hidden = el("span.moment", inline(match[1], depth + 1));
	const button = el("button.spoiler-cover", { click: () => button.replaceWith(hidden) }, "Spoiler: show");
	return button;
}
