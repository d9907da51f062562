import { mkdir } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';

import { type DevServerRig, eventually } from './dev-server-rig.js';

/** `--no-sandbox`: Chromium's sandbox does not run as root, as in a container. The pages are local. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const VIEWPORT = { width: 1_360, height: 960 };
/** Keeps the pictures small. */
const SCALE = 0.75;

type Tab =
  'timeline' | 'history' | 'pending-activities' | 'user-metadata' | 'search-attributes' | 'memo' | 'relationships';

/** The Web UI of a rig's server in a real browser. */
export class WebUi {
  constructor(
    private readonly page: Page,
    private readonly namespaceUrl: string,
  ) {}

  /** Opens a page of a workflow. */
  async openWorkflow(workflowId: string, tab: Tab): Promise<void> {
    const root = `${this.namespaceUrl}/workflows/${encodeURIComponent(workflowId)}`;
    await this.page.goto(root);
    // The address of a tab contains the run ID, to which the page without one leads.
    await this.page.waitForURL(/\/[0-9a-f-]{36}\/\w+/);
    const [run] = /.*\/[0-9a-f-]{36}(?=\/)/.exec(this.page.url())!;
    await this.page.goto(`${run}/${tab}`);
  }

  /** Opens the list of workflows that match a visibility query. */
  async openList(query: string): Promise<void> {
    await this.page.goto(`${this.namespaceUrl}/workflows?query=${encodeURIComponent(query)}`);
  }

  /** Has the list show other columns. */
  async replaceColumns(hidden: readonly string[], shown: readonly string[]): Promise<void> {
    const click = (column: string, action: string) =>
      this.page.getByTestId(`orderable-list-item-${column}-${action}-button`).click();
    await this.page.getByTestId('workflows-summary-table-configuration-button').click();
    for (const column of hidden) await click(column, 'remove');
    for (const column of shown) await click(column, 'add');
    await this.page.getByTestId('drawer-close-button').click();
  }

  /** Waits until the page contains all texts; white space counts as one blank. */
  async shows(...texts: readonly string[]): Promise<void> {
    let text = '';
    const missing = () => texts.filter((part) => !text.includes(part));
    try {
      await eventually('the texts', async () => {
        text = await this.text();
        return missing().length === 0 ? true : undefined;
      });
    } catch (cause) {
      throw new Error(`${this.page.url()} does not show ${JSON.stringify(missing())}:\n${text}`, { cause });
    }
  }

  /** The text of the page. The Web UI renders Markdown in frames. */
  async text(): Promise<string> {
    const frames = await Promise.all(
      this.page.frames().map((frame) => frame.innerText('body', { timeout: 1_000 }).catch(() => '')),
    );
    return frames.join('\n').replace(/\s+/g, ' ');
  }

  /** Opens the details of an event in the list of the page. */
  async expand(event: string): Promise<void> {
    await this.page.getByText(event).locator('visible=true').first().click();
  }

  /** How many elements of the page, its frames included, match a CSS selector. */
  async count(selector: string): Promise<number> {
    const counts = await Promise.all(this.page.frames().map((frame) => frame.locator(selector).count()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Writes a picture of the page for the documentation into the folder `WEB_UI_SCREENSHOTS`, if that is set. */
  async screenshot(name: string): Promise<void> {
    const folder = process.env['WEB_UI_SCREENSHOTS'];
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await this.page.getByTitle('Collapse Navigation').click();
    await this.page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
  }
}

/** The Web UI for the tests of a file; each test has a new browser profile. */
export function useWebUi(rig: () => DevServerRig): () => WebUi {
  let browser: Browser | undefined;
  let webUi: WebUi | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: inject('chromiumPath'), args: FLAGS });
  });
  beforeEach(async () => {
    const { uiUrl, namespace } = rig().server;
    const page = await browser!.newPage({ viewport: VIEWPORT, deviceScaleFactor: SCALE });
    page.setDefaultTimeout(60_000);
    webUi = new WebUi(page, `${uiUrl!}/namespaces/${namespace}`);
    return () => page.close();
  });
  afterAll(() => browser?.close());
  return () => webUi!;
}
