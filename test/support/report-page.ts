import { parseHTML } from 'linkedom';

/** What is used of the DOM, without its types. */
interface ParsedElement {
  readonly id: string;
  readonly textContent: string;
  querySelector(selector: string): ParsedElement | null;
  querySelectorAll(selector: string): Iterable<ParsedElement> & { readonly length: number };
  getAttribute(name: string): string | null;
}

export interface ReadReport {
  readonly document: ParsedElement;
  /** The numbers of each fact at the top, by its name. */
  readonly summary: Readonly<Record<string, readonly number[]>>;
  /** The rows of each section's table, by the section's ID. Of a cell with several numbers, the first. */
  readonly tables: Readonly<Record<string, readonly (readonly (string | number)[])[]>>;
}

/** Reads the page of a report as a program does: by the IDs of its sections and the `<data>` in its cells. */
export function readReportPage(page: string): ReadReport {
  const { document } = parseHTML(page) as unknown as { readonly document: ParsedElement };
  const facts = [...document.querySelectorAll('#summary > div')].map((fact) => {
    return [fact.querySelector('dt')!.textContent, numbersIn(fact)] as const;
  });
  const tables = [...document.querySelectorAll('section[id]')].map((section) => {
    const rows = [...section.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map(valueOf));
    return [section.id, rows] as const;
  });
  return { document, summary: Object.fromEntries(facts), tables: Object.fromEntries(tables) };
}

function valueOf(cell: ParsedElement): string | number {
  return numbersIn(cell)[0] ?? cell.textContent.trim();
}

function numbersIn(element: ParsedElement): number[] {
  return [...element.querySelectorAll('data')].map((data) => Number(data.getAttribute('value')));
}
