import { accent } from "./components.js";
import { el } from "./dom.js";
import { markdown } from "./markdown.js";
import { gallery, picture } from "./media.js";
import { stamp } from "./time.js";
import { localUrl } from "./urls.js";

export function embed({ author, title, url, description, thumbnail, fields = [], image, footer, timestamp, color }) {
	const foot = [footer?.text, timestamp && stamp(timestamp)].filter(Boolean).join(" · ");
	const href = localUrl(url);
	const titled = () => (href ? el("a", { href, target: "_blank", rel: "noopener" }, title) : markdown(title));
	return accent(
		el(
			"div.container",
			el(
				"div.section",
				el(
					"div",
					author && el("div.embed-author", author.name),
					title && el("strong", titled()),
					description && el("div", markdown(description)),
				),
				thumbnail &&
					el("div.thumbnail", gallery([picture(thumbnail, { alt: `Thumbnail of ${title ?? "the embed"}` })])),
			),
			fields.length > 0 && el(
				"div.fields",
				fields.map(({ name, value, inline }) =>
					el("div", { class: inline && "inline" }, el("strong", name), markdown(value))
				),
			),
			image && gallery([picture(image, { alt: title ?? "" })]),
			foot && el("div.subtext", foot),
		),
		color,
	);
}
