"""The window's own look: Qt's Fusion style in the colours and the type of the theme."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gradviz.picture import Theme, ensure_fonts, load_theme, ui_font

_RULES = """
QWidget {{ font-family: {families}; font-size: {size}px; }}
QDockWidget::title {{ padding: 6px 8px; background: {window}; border-bottom: 1px solid {border}; }}
QToolBar {{ border: none; border-bottom: 1px solid {border}; padding: 3px; spacing: 2px; }}
QMainWindow::separator {{ background: {border}; width: 1px; height: 1px; }}
QToolTip {{ color: {ink}; background: {field}; border: 1px solid {border}; padding: 3px; }}
QStatusBar {{ border-top: 1px solid {border}; }}
"""


def apply_look(name: str) -> None:
    """Dress the whole application in a theme."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    theme = load_theme(name)
    ensure_fonts()
    application.setFont(ui_font(theme))
    application.setPalette(_palette(theme))
    families = ", ".join(f'"{family}"' for family in ui_font(theme).families())
    facts = {"families": families, "size": theme.title_size, "window": theme.window, "border": theme.border}
    application.setStyleSheet(_RULES.format(**facts, ink=theme.ink, field=theme.field))


def _palette(theme: Theme) -> QPalette:
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.window,
        roles.WindowText: theme.ink,
        roles.Base: theme.field,
        roles.AlternateBase: theme.window,
        roles.Text: theme.ink,
        roles.PlaceholderText: theme.muted,
        roles.Button: theme.window,
        roles.ButtonText: theme.ink,
        roles.ToolTipBase: theme.field,
        roles.ToolTipText: theme.ink,
        roles.Highlight: theme.selection,
        roles.HighlightedText: theme.background,
        roles.Link: theme.selection,
        roles.Mid: theme.border,
    }
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette
