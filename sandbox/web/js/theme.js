// Runs before the first paint, so that the other theme never flashes.
(() => {
	const chosen = localStorage.getItem("expanse.theme");
	if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
