/** How one option of a command reads its value. Names are written without the leading `--`. */
export type Option = Reading & {
  /** Other names for it. */
  readonly also?: readonly string[];
};

type Reading =
  | { readonly type: 'flag'; readonly doc: string; readonly short?: string }
  | {
      readonly type: 'text';
      /** What stands for the value in the help: `DIR`. */
      readonly value: string;
      readonly doc: string;
      readonly short?: string;
      readonly default?: string;
      /** The shell completes the value with file or folder names. */
      readonly completes?: 'files' | 'folders';
    }
  | {
      readonly type: 'number';
      readonly value: string;
      readonly doc: string;
      readonly short?: string;
      readonly default?: number;
      readonly minimum?: number;
      readonly whole?: boolean;
    }
  | {
      readonly type: 'choice';
      readonly choices: readonly string[];
      readonly doc: string;
      readonly short?: string;
      readonly default?: string;
    }
  /** Values separated by commas; given again, they add up. */
  | {
      readonly type: 'list';
      readonly value: string;
      readonly doc: string;
      readonly short?: string;
      readonly choices?: readonly string[];
    }
  /** `KEY=VALUE`, as often as wanted; the last value of a key counts. */
  | { readonly type: 'pairs'; readonly value: string; readonly doc: string; readonly short?: string };

export type OptionTable = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O extends { type: 'flag' }
  ? boolean
  : O extends { type: 'number' }
    ? O extends { default: number }
      ? number
      : number | undefined
    : O extends { type: 'choice'; choices: readonly (infer Choice)[] }
      ? O extends { default: string }
        ? Choice
        : Choice | undefined
      : O extends { type: 'list' }
        ? readonly string[]
        : O extends { type: 'pairs' }
          ? ReadonlyMap<string, string>
          : O extends { default: string }
            ? string
            : string | undefined;

/** The values of a command's options by their names. */
export type OptionValues<T extends OptionTable> = { readonly [Name in keyof T]: ValueOf<T[Name]> };
