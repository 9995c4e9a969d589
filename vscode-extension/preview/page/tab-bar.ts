import type { PreviewTab } from '../../../compiler/editor/preview/preview.ts';

/** The groups as tabs, and the artifacts of the chosen one as a list to choose from where there are several. */
export class TabBar {
  readonly #groups: HTMLElement;
  readonly #files: HTMLSelectElement;
  readonly #panel: HTMLElement;
  readonly #choose: (tab: string) => void;
  #tabs: readonly PreviewTab[] = [];
  /** The artifact that was last chosen in each group. */
  readonly #last = new Map<string, string>();

  constructor(groups: HTMLElement, files: HTMLSelectElement, panel: HTMLElement, choose: (tab: string) => void) {
    this.#groups = groups;
    this.#files = files;
    this.#panel = panel;
    this.#choose = choose;
    groups.addEventListener('click', ({ target }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      if (button !== null) this.#chooseGroup(button.dataset.group ?? '');
    });
    groups.addEventListener('keydown', (event) => this.#move(event));
    files.addEventListener('change', () => choose(files.value));
  }

  /** Only what differs from before is made again, so that the focus stays where it is. */
  show(tabs: readonly PreviewTab[], chosen: string | undefined): void {
    const group = tabs.find(({ id }) => id === chosen)?.group ?? '';
    if (chosen !== undefined) this.#last.set(group, chosen);
    const isSame = JSON.stringify(tabs) === JSON.stringify(this.#tabs);
    this.#tabs = tabs;
    if (!isSame) this.#makeGroups();
    for (const button of this.#buttons()) {
      const isChosen = button.dataset.group === group;
      button.setAttribute('aria-selected', String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      if (isChosen) this.#panel.setAttribute('aria-labelledby', button.id);
    }
    this.#showFiles(
      tabs.filter((tab) => tab.group === group),
      chosen,
    );
  }

  #makeGroups(): void {
    const names = [...new Set(this.#tabs.map(({ group }) => group))];
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.group : undefined;
    this.#groups.replaceChildren(
      ...names.map((name, index) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.id = `group-${index}`;
        button.dataset.group = name;
        button.textContent = name;
        button.setAttribute('role', 'tab');
        button.setAttribute('aria-controls', 'panel');
        return button;
      }),
    );
    this.#buttons()
      .find((button) => button.dataset.group === focused)
      ?.focus();
  }

  #showFiles(files: readonly PreviewTab[], chosen: string | undefined): void {
    this.#files.hidden = files.length < 2;
    const known = [...this.#files.options].map(({ value }) => value);
    if (known.join('\n') !== files.map(({ id }) => id).join('\n')) {
      this.#files.replaceChildren(
        ...files.map(({ id, title }) => {
          const option = document.createElement('option');
          option.value = id;
          option.textContent = title;
          return option;
        }),
      );
    }
    if (chosen !== undefined) this.#files.value = chosen;
  }

  #chooseGroup(group: string): void {
    const own = this.#tabs.filter((tab) => tab.group === group);
    const last = own.find(({ id }) => id === this.#last.get(group)) ?? own[0];
    if (last !== undefined) this.#choose(last.id);
  }

  #move(event: KeyboardEvent): void {
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length];
    next?.focus();
    this.#chooseGroup(next?.dataset.group ?? '');
  }

  #buttons(): readonly HTMLButtonElement[] {
    return [...this.#groups.querySelectorAll('button')];
  }
}
