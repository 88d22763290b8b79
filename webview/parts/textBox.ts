import { VscodeTextarea } from '@vscode-elements/elements/dist/vscode-textarea/vscode-textarea.js';
import { css } from 'lit';

/** The library's box for several lines, with room around its text: its own leaves two pixels. */
export class TextBox extends VscodeTextarea {
  static override styles = [
    VscodeTextarea.styles,
    css`
      textarea {
        padding: 4px 7px;
        line-height: 18px;
      }
    `,
  ].flat();
}
customElements.define('belay-text-box', TextBox);
