// Stored per tab: two tabs may be two people in two channels.
const PREFIX = "expanse.";

export function read(name, otherwise) {
	try {
		return JSON.parse(sessionStorage.getItem(PREFIX + name)) ?? otherwise;
	} catch {
		return otherwise;
	}
}

export const write = (name, value) => sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
