import { accent } from "./components.js";
import { el } from "./dom.js";
import { markdown } from "./markdown.js";
import { gallery, picture } from "./media.js";
import { stamp } from "./time.js";
import { localUrl } from "./urls.js";

/** Show one embed: author, title, text, fields, thumbnail, picture and footer. */
export function embed(item) {
	const small = item.thumbnail && gallery([picture(item.thumbnail, { alt: `Thumbnail of ${item.title ?? "the embed"}` })]);
	const time = item.timestamp ? stamp(item.timestamp) : null;
	const foot = [item.footer?.text, time].filter(Boolean).join(" · ");
	const box = el("div.container.embed",
		el("div.section",
			el("div.section-text",
				item.author ? el("div.embed-author", item.author.name) : null,
				item.title ? el("div.embed-title", titled(item)) : null,
				item.description ? el("div.display", markdown(item.description)) : null),
			small ? el("div.thumbnail", small) : null),
		item.fields?.length ? el("div.fields", item.fields.map(field)) : null,
		item.image ? gallery([picture(item.image, { alt: item.title ?? "" })]) : null,
		foot ? el("div.subtext", foot) : null);
	accent(box, item.color);
	return box;
}

function titled({ title, url }) {
	const local = localUrl(url);
	return local ? el("a", { href: local, target: "_blank", rel: "noopener" }, title) : markdown(title);
}

const field = (part) => el("div", { class: part.inline ? "field inline" : "field" }, el("strong", part.name), markdown(part.value));
