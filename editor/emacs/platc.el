;;; platc.el --- The language server of platc for Emacs 29 and newer  -*- lexical-binding: t -*-
;;; Commentary:
;; (load "platc.el"); then M-x eglot, or nothing: it starts with the first file of a platform.
;;; Code:
(require 'eglot)
(define-derived-mode platc-mode prog-mode "KDL"
  "Files of a platform."
  (setq-local comment-start "// "))
(add-to-list 'auto-mode-alist '("\\.kdl\\'" . platc-mode))
(add-to-list 'eglot-server-programs '(platc-mode . ("platc" "lsp")))
(add-hook 'platc-mode-hook #'eglot-ensure)
(provide 'platc)
;;; platc.el ends here
