/** The theme of VitePress, with the pages that show pools. */
import DefaultTheme from "vitepress/theme"
import "./viewer.css"

export default DefaultTheme
