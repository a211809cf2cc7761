"""The window's own look: Qt's Fusion style in the colours and the type of the theme."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from gradviz.picture import Theme, ensure_fonts, font, load_theme, ui_font

_RULES = """
QWidget {{ font-family: {families}; font-size: {size}px; }}
QDockWidget {{ font-weight: 600; }}
QDockWidget::title {{ padding: 6px 10px 5px 10px; background: {window}; border-bottom: 1px solid {border}; }}
QDockWidget > QWidget {{ font-weight: 400; }}
QToolBar {{ border: none; border-bottom: 1px solid {border}; padding: 3px 6px; spacing: 2px; }}
QMainWindow::separator {{ background: {border}; width: 1px; height: 1px; }}
QToolTip {{ color: {ink}; background: {field}; border: 1px solid {border}; padding: 4px; }}
QStatusBar {{ border-top: 1px solid {border}; }}
QLineEdit, QPlainTextEdit {{
    background: {field}; border: 1px solid {border}; border-radius: 4px; padding: 3px 4px;
}}
QLineEdit:focus, QPlainTextEdit:focus {{ border-color: {selection}; }}
QAbstractItemView QLineEdit, QAbstractSpinBox QLineEdit {{ border: none; border-radius: 0; padding: 0; }}
QCheckBox::indicator:unchecked {{ border: 1px solid {muted}; border-radius: 3px; background: {field}; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {border}; }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: {selection}; }}
QSlider::sub-page:horizontal:disabled {{ background: {border}; }}
QSlider::handle:horizontal {{
    width: 12px; height: 12px; margin: -5px 0; border: 1px solid {muted}; border-radius: 7px; background: {field};
}}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ border-color: {selection}; }}
QScrollBar:vertical {{ width: 12px; background: transparent; }}
QScrollBar:horizontal {{ height: 12px; background: transparent; }}
QScrollBar::handle {{ background: {border}; border-radius: 4px; margin: 2px; min-width: 24px; min-height: 24px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QScrollArea#inspector, QScrollArea#inspector > QWidget > QWidget {{ background: {window}; }}
QLineEdit#inspector\\.name {{ font-weight: 600; }}
QLabel#inspector\\.seed\\.hint, QLabel#inspector\\.about, QLabel#inspector\\.hint {{ color: {muted}; }}
QLabel#formula\\.program {{ font-family: {mono}; font-size: {note_size}px; }}
QLabel#formula\\.note {{ color: {muted}; }}
QLabel#timeline\\.count {{ color: {muted}; }}
QFrame#line {{ color: {border}; }}
QTreeView#palette\\.list {{ border: 1px solid {border}; }}
QListView#problems\\.list {{ background: {window}; }}
"""


def apply_look(name: str) -> None:
    """Dress the whole application in a theme."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    theme = load_theme(name)
    ensure_fonts()
    words = ui_font(theme)
    application.setFont(words)
    application.setPalette(palette_of(theme))
    QToolTip.setFont(words)
    application.setStyleSheet(
        _RULES.format(
            families=_quoted(words),
            mono=_quoted(font(theme.note_size, "mono")),
            size=theme.title_size,
            note_size=theme.note_size,
            window=theme.window,
            field=theme.field,
            border=theme.border,
            ink=theme.ink,
            muted=theme.muted,
            selection=theme.selection,
        )
    )


def _quoted(font: QFont) -> str:
    return ", ".join(f'"{family}"' for family in font.families())


def palette_of(theme: Theme) -> QPalette:
    """Return the colours of widgets in a theme; no other colours are used in the window."""
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
        roles.BrightText: theme.ink,
        roles.ToolTipBase: theme.field,
        roles.ToolTipText: theme.ink,
        roles.Highlight: theme.selection,
        roles.HighlightedText: theme.background,
        roles.Accent: theme.selection,
        roles.Link: theme.selection,
        roles.LinkVisited: theme.selection,
        roles.Light: theme.field,
        roles.Midlight: theme.window,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
        roles.Shadow: theme.border,
    }
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    palette.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, QColor(theme.border))
    return palette
