// Looks at the pages as people do, in Chromium: node browser.mjs ADDRESS CHROMIUM [PICTURES]
// prints one line of JSON for each thing that is wrong.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
const require = createRequire(process.env.DARSD_NODE_MODULES + '/')
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const [address, executablePath, pictures] = process.argv.slice(2)
const wrong = (page, what) => console.log(JSON.stringify({ page, what }))

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
const narrow = { width: 320, height: 640 }, phone = { width: 375, height: 812 }, desktop = { width: 1280, height: 900 }

// Every page, on two phones and on a desk: nothing that axe finds, nothing wider than the
// screen, nothing that the browser itself objects to.
for (const path of process.env.PAGES.split(' ')) {
	for (const viewport of [narrow, phone, desktop]) {
		const context = await browser.newContext({ viewport, bypassCSP: true })
		const page = await context.newPage()
		page.on('console', m => m.type() === 'error' && !/status of (40[04]|500)/.test(m.text()) && wrong(path, 'console: ' + m.text()))
		await page.goto(address + path)
		const wide = await page.evaluate(() => document.documentElement.scrollWidth)
		if (wide > viewport.width) wrong(path, `it is ${wide} wide on a screen of ${viewport.width}`)
		if (pictures) await page.screenshot({ path: `${pictures}/${path.replace(/\W+/g, '_')}-${viewport.width}.png`, fullPage: true })
		const cut = await page.evaluate(() => [...document.querySelectorAll('svg.chart text')].filter(t => t.getBBox().x + t.getBBox().width > t.ownerSVGElement.viewBox.baseVal.width + 1).map(t => t.textContent))
		if (cut.length > 0) wrong(path, `a chart is too narrow for ${cut}`)
		await page.evaluate(axe)
		const found = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
		for (const v of found.violations) wrong(path, `${viewport.width}: ${v.id}: ${v.help}: ${v.nodes[0].html.slice(0, 200)}`)
		if (found.passes.length < 10) wrong(path, 'axe has looked at next to nothing')
		await context.close()
	}
}

// On paper of A4 nothing is cut off, and no address stands that leads nowhere; who likes
// dark screens reads dark letters on white as everybody does.
const paper = await browser.newContext({ viewport: { width: 718, height: 1000 }, colorScheme: 'dark' })
for (const path of process.env.PAGES.split(' ')) {
	const page = await paper.newPage()
	await page.goto(address + path)
	const ink = await page.evaluate(() => [getComputedStyle(document.querySelector('h1')).color, getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('h1')).colorScheme])
	if (ink[0] !== 'rgb(11, 12, 12)' || !/255, 255, 255|0, 0, 0, 0/.test(ink[1]) || ink[2] === 'dark') wrong(path, `on a dark screen it is ${ink}`)
	await page.emulateMedia({ media: 'print' })
	const wide = await page.evaluate(() => document.documentElement.scrollWidth)
	if (wide > 718) wrong(path, `it is ${wide} wide on paper of 718`)
	const said = await page.evaluate(() => [...document.querySelectorAll('a[href^="/"]')].filter(a => getComputedStyle(a, '::after').content.includes('/')).length)
	if (said > 0) wrong(path, `${said} addresses are printed that lead nowhere`)
	await page.close()
}
await paper.close()

// A person finds a release by organisation, downloads the register, and reads the
// dashboard: with the keyboard alone, and nothing run in the browser.
const context = await browser.newContext({ viewport: desktop, javaScriptEnabled: false, acceptDownloads: true })
const page = await context.newPage()
await page.goto(address + '/')
await page.keyboard.press('Tab')
await page.keyboard.press('Enter') // over the menu
if (!page.url().endsWith('#main')) wrong('/', 'the first key does not lead over the menu')
await page.goto(address + '/register')
await page.getByLabel('Organisation, dataset, file or agreement').focus()
await page.keyboard.type(process.env.ORGANISATION)
await page.keyboard.press('Enter')
await page.waitForURL(/q=/)
const first = page.locator('.office-rows tbody tr').first()
if (!(await first.textContent()).includes(process.env.ORGANISATION)) wrong('/register', 'the organisation is not found')
await first.getByRole('link').first().focus()
await page.keyboard.press('Enter')
await page.waitForURL(/\/register\/releases\//)
if (!(await page.textContent('main')).includes(process.env.ORGANISATION)) wrong('release', 'it is not that of the organisation')
await page.goto(address + '/register')
const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV, national layout' }).click()])
if (!/^register-.*\.csv$/.test(download.suggestedFilename())) wrong('/register.csv', 'it comes as ' + download.suggestedFilename())
if (!readFileSync(await download.path(), 'utf8').startsWith('RowID,Organisation Name')) wrong('/register.csv', 'it does not begin with the national headers')
await page.getByRole('link', { name: 'How we are doing' }).click()
const row = page.getByRole('row', { name: /^Access/ })
if (!/\d/.test(await row.textContent())) wrong('/', 'no figure stands beside Access')

// One looks at a day of the past, and at an application that was declined.
await page.getByLabel('Figures of an earlier day').focus()
await page.keyboard.type('2026-03-01')
await page.keyboard.press('Enter')
await page.waitForURL(/at=2026-03-01/)
if (!(await page.textContent('h1')).includes('1 March 2026')) wrong('/?at=', 'it is not that day')
await page.getByRole('link', { name: 'Applications' }).click()
await page.getByLabel('State').selectOption('declined')
await page.getByRole('button', { name: 'Search' }).press('Enter')
await page.waitForURL(/state=declined/)
if (!/declined/.test(await page.locator('.office-rows tbody tr').first().textContent())) wrong('/applications', 'no declined application is found')
await browser.close()
