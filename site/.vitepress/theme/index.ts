/** The theme of VitePress, with the pages that show pools. */
import DefaultTheme from "vitepress/theme"
import "./pages.css"

export default DefaultTheme
