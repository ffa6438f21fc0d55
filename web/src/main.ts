import "@fontsource-variable/inter/wght.css";
import "./ui/tokens.css";
import "./ui/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { askEarly } from "./api/early";
import { find } from "./routes";
import { locale } from "./ui/locale.svelte";
import { listenToLinks } from "./ui/router.svelte";
import { appearance } from "./ui/theme.svelte";

askEarly(location.pathname);
document.documentElement.lang = locale.language;
appearance.apply();
listenToLinks((path) => find(path) !== null);

const target = document.getElementById("app");
if (target) mount(App, { target });
