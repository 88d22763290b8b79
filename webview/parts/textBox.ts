import { VscodeTextarea } from '@vscode-elements/elements/dist/vscode-textarea/vscode-textarea.js';
import { css } from 'lit';

/** The library's box for several lines, with room around its text: its own leaves two pixels. With the class `grow` it is as high as its text, up to eight lines. */
export class TextBox extends VscodeTextarea {
  static override styles = [
    VscodeTextarea.styles,
    css`
      textarea {
        padding: 4px 7px;
        line-height: 18px;
      }
      :host(.grow) textarea {
        field-sizing: content;
        min-height: 28px;
        max-height: 154px;
      }
    `,
  ].flat();
}
customElements.define('belay-text-box', TextBox);
