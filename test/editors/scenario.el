;;; -*- lexical-binding: t -*-
;; What test/support/editor-scenario.ts describes, in Emacs with eglot; writes what was seen as JSON to $POLC_OBSERVED.
(require 'json)
(require 'xref)
(require 'flymake)

(defun polc-wait (what holds)
  (let ((end (+ (float-time) 20)))
    (while (not (funcall holds))
      (when (> (float-time) end) (error "waited in vain for %s" what))
      (accept-process-output nil 0.02))))

(defun polc-open (name)
  (find-file name)
  ;; A batch has no commands, after which eglot connects.
  (run-hooks 'post-command-hook)
  (polc-wait "the server" #'eglot-managed-p)
  ;; Eglot asks for no findings before the buffer is looked at.
  (flymake-start)
  (current-buffer))

(defun polc-tell ()
  "Tells the server what has changed, which eglot does when Emacs is idle, and a batch never is."
  (eglot--signal-textDocument/didChange))

(defun polc-go (text)
  (goto-char (point-min))
  (search-forward text)
  (goto-char (match-beginning 0)))

(defun polc-text (name)
  (with-current-buffer (find-file-noselect name) (buffer-string)))

(defun polc-line (number)
  (save-excursion
    (goto-char (point-min))
    (forward-line (1- number))
    (buffer-substring-no-properties (line-beginning-position) (line-end-position))))

(defun polc-ask (method params)
  (jsonrpc-request (eglot-current-server) method params :timeout 20))

(defun polc-shown (each)
  (save-excursion
    (goto-char (flymake-diagnostic-beg each))
    (let ((lsp (alist-get 'eglot-lsp-diag (flymake-diagnostic-data each))))
      (format "%s %d:%d %s" (plist-get lsp :code) (line-number-at-pos) (1+ (current-column))
              (car (split-string (plist-get lsp :message) "\n"))))))

(defun polc-errors ()
  (seq-filter (lambda (each) (eq (flymake-diagnostic-type each) 'eglot-error)) (flymake-diagnostics)))

(defun polc-hovered ()
  (let (said)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq said text)))
    (polc-wait "the hover" (lambda () said))
    (substring-no-properties said)))

(defun polc-run ()
  (let (diagnostics fixed left completion hover definition renamed preview foreign)
    (polc-open "web.yaml")
    (polc-wait "the mistake" #'flymake-diagnostics)
    (setq diagnostics (mapcar #'polc-shown (flymake-diagnostics)))

    (polc-go "sandbx")
    ;; What is offered to choose from is answered with the first of it.
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt choices &rest _) (let ((first (car choices))) (if (consp first) (car first) first)))))
      (eglot-code-actions (point) nil "quickfix" t))
    (setq fixed (polc-line 3))
    (polc-tell)
    (polc-wait "no mistake" (lambda () (null (polc-errors))))
    (setq left (length (polc-errors)))

    (polc-go "mode: sandbox")
    (delete-region (+ (point) 7) (line-end-position))
    (goto-char (line-end-position))
    (polc-tell)
    (let ((offered (eglot-completion-at-point)))
      (setq completion (mapcar #'substring-no-properties (all-completions "s" (nth 2 offered)))))
    (insert "andbox")
    (polc-tell)

    (polc-go "512MiB")
    (setq hover (polc-hovered))

    (let ((answer (polc-ask :polc/preview (list :textDocument (eglot--TextDocumentIdentifier) :tab "ir"))))
      (setq preview
            `((groups . ,(vconcat (mapcar (lambda (tab) (plist-get tab :group)) (plist-get answer :tabs))))
              (ir . ,(substring (plist-get (plist-get answer :content) :text) 0 100)))))

    (save-buffer)
    (polc-go "base.yaml")
    (call-interactively #'xref-find-definitions)
    (setq definition (format "%s %d" (file-name-nondirectory (buffer-file-name)) (line-number-at-pos)))

    (polc-open "class.yaml")
    (polc-go "python-ml")
    (cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) t)))
      (eglot-rename "python-next"))
    (setq renamed (vector (polc-text "class.yaml") (polc-text "python-ml.yaml")))

    (polc-open "other.yaml")
    (polc-ask :polc/status (list :textDocument (eglot--TextDocumentIdentifier)))
    (setq foreign (length (flymake-diagnostics)))

    `((diagnostics . ,(vconcat diagnostics)) (foreign . ,foreign) (fixed . ,fixed) (left . ,left)
      (completion . ,(vconcat completion)) (hover . ,hover) (definition . ,definition)
      (renamed . ,renamed) (preview . ,preview))))

(let* ((backtrace-on-error-noninteractive nil)
       (result (condition-case problem
                   (polc-run)
                 (error `((error . ,(error-message-string problem)))))))
  (with-temp-file (getenv "POLC_OBSERVED")
    (set-buffer-file-coding-system 'utf-8)
    (insert (json-encode result))))
;; The server goes with its buffers.
(kill-emacs 0)
