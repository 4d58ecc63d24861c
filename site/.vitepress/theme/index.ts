/** The theme of VitePress, with the pages that show pools. */
import DefaultTheme from "vitepress/theme"
import "@web/viewer/panels.css"
import "./pages.css"

export default DefaultTheme
